import { PassThrough } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import { Unreachable } from "./api-server";
import type { Access } from "./kubeconfig";
import { podSocket } from "./pod-socket";
import { reasonOf, excerpt } from "./error-messages";

/** A container of a pod. */
export interface Place {
  readonly namespace: string;
  readonly pod: string;
  readonly container: string;
}

/**
 * What a command in a container prints, as `kubectl exec` would; the command itself has to end well.
 *
 * @param patience How long it may take, in milliseconds.
 * @throws Unreachable where it can't be run, does not end in time or fails; with what it has printed as errors.
 */
export async function runInPod(
  access: Access,
  { namespace, pod, container }: Place,
  command: readonly string[],
  patience: number,
): Promise<string> {
  const { Exec } = await import("@kubernetes/client-node");
  const [output, errors] = [new Collected(), new Collected()];
  const where = `pod ${namespace}/${pod}`;
  const done = new AbortController();
  const ended = new Promise<{ readonly status?: string; readonly message?: string }>((resolve, reject) => {
    podSocket(access, patience, reject)
      .then((handler) => {
        const exec = new Exec(handler.config, handler);
        return exec.exec(namespace, pod, container, [...command], output.stream, errors.stream, null, false, resolve);
      })
      .then((socket) => {
        socket.on("close", () => {
          resolve({ message: "the connection ended" });
        });
        const close = () => {
          socket.terminate();
        };
        done.signal.addEventListener("abort", close);
        if (done.signal.aborted) {
          close();
        }
      })
      .catch((error: unknown) => {
        reject(new Unreachable(reasonOf(error)));
      });
  });
  const late = sleep(patience, { message: `did not end within ${String(patience / 1000)} seconds` } as const, {
    signal: done.signal,
  });
  // Given up when the command has ended.
  late.catch(() => undefined);
  try {
    const { message, ...result } = await Promise.race([ended, late]);
    if (!("status" in result) || result.status !== "Success") {
      // The client's type says text, but the server decides what is there.
      const reason: unknown = message;
      throw new Unreachable(
        [typeof reason === "string" ? reason : "", errors.text()].map(excerpt).filter(Boolean).join(": "),
      );
    }
    return output.text();
  } catch (error) {
    throw new Unreachable(`${where}: ${error instanceof Error ? error.message : String(error)}`);
  } finally {
    done.abort();
  }
}

/** What is written to a stream. */
class Collected {
  readonly stream = new PassThrough();
  readonly #chunks: Buffer[] = [];

  constructor() {
    this.stream.on("data", (chunk: Buffer) => this.#chunks.push(chunk));
    // What comes after its end is written in vain.
    this.stream.on("error", () => undefined);
  }

  text(): string {
    return Buffer.concat(this.#chunks).toString();
  }
}
