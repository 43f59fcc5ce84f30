import { request } from "node:http";
import { Duplex, PassThrough } from "node:stream";
import { Unreachable } from "./api-server";
import type { Access } from "./kubeconfig";
import { podSocket } from "./pod-socket";
import { reasonOf, excerpt } from "./error-messages";

/** A port of a pod, its loopback address included. */
export interface PodPort {
  readonly namespace: string;
  readonly pod: string;
  readonly port: number;
}

/** How long a pod may take to answer, in milliseconds. */
const patience = 20_000;

/**
 * A connection to a port of a pod, through the API server as `kubectl port-forward` makes it.
 *
 * @throws Unreachable
 */
export async function connectToPod(access: Access, { namespace, pod, port }: PodPort): Promise<Duplex> {
  // Loaded where it is needed: hardly any update connects to a pod.
  const { PortForward } = await import("@kubernetes/client-node");
  const [fromPod, errors, toPod] = [new PassThrough(), new PassThrough(), new PassThrough()];
  const stream = Duplex.from({ readable: fromPod, writable: toPod });
  // Whoever uses it asks for `errored` first: it may have failed before anybody listens.
  [stream, fromPod, errors, toPod].forEach((one) => one.on("error", () => undefined));
  errors.on("data", (reason: Buffer) => stream.destroy(new Unreachable(excerpt(reason.toString()))));
  try {
    const handler = await podSocket(access, patience, (error) => stream.destroy(error));
    const forward = new PortForward(handler.config, true, handler);
    const socket = await forward.portForward(namespace, pod, [port], fromPod, errors, toPod);
    // Only where it is to connect again by itself, it gives a function.
    if (typeof socket !== "function") {
      socket.onclose = () => fromPod.end();
      stream.on("close", () => {
        socket.terminate();
      });
    }
  } catch (error) {
    throw new Unreachable(`no connection to pod ${namespace}/${pod}: ${reasonOf(error)}`);
  }
  return stream;
}

/**
 * What a pod answers at a path over HTTP: what its JSON says, or the text as it is where that is none.
 *
 * @throws Unreachable
 */
export async function getFromPod(access: Access, place: PodPort, path: string): Promise<unknown> {
  const stream = await connectToPod(access, place);
  try {
    const body = await new Promise<string>((resolve, reject) => {
      if (stream.errored) {
        reject(stream.errored);
      }
      stream.on("error", reject);
      const outgoing = request(
        { path, headers: { host: "localhost" }, createConnection: () => stream, signal: AbortSignal.timeout(patience) },
        (response) => {
          // No more than the connection carries: see podSocket.
          const chunks: Buffer[] = [];
          response.on("data", (chunk: Buffer) => chunks.push(chunk));
          response.on("error", reject);
          response.on("end", () => {
            resolve(Buffer.concat(chunks).toString());
          });
        },
      );
      outgoing.on("error", reject);
      outgoing.end();
    });
    return parsed(body);
  } catch (error) {
    throw new Unreachable(`pod ${place.namespace}/${place.pod} does not answer: ${reasonOf(error)}`);
  } finally {
    stream.destroy();
  }
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return body;
  }
}
