import { createWriteStream } from "node:fs";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { HttpClient } from "../../network";
import { messageOf, ToolError } from "./errors";

/** A host that doesn't answer within this time counts as unreachable. */
const probeMs = 3_000;
/** A download that makes no progress for this long is given up. */
const timeouts = { connect: 10_000, stall: 30_000 };

/** HTTP requests, through HTTPS_PROXY and NO_PROXY where they are set. */
export class Network {
  constructor(private readonly client: HttpClient) {}

  /** Why the address can't be read; undefined if it can. Answers within three seconds. */
  async obstacle(url: string): Promise<string | undefined> {
    try {
      await this.open(url, AbortSignal.timeout(probeMs)).then((response) => response.body?.cancel());
      return undefined;
    } catch (error) {
      return error instanceof Error && error.name === "TimeoutError" ? "no answer within 3 s" : messageOf(error);
    }
  }

  /** Downloads a URL into a new file. */
  async save(url: string, file: string): Promise<void> {
    const { body } = await this.open(url);
    if (body === null) {
      throw new ToolError(`${url} returned an empty response`);
    }
    await pipeline(Readable.fromWeb(body), createWriteStream(file, { flags: "wx" }));
  }

  private async open(url: string, signal?: AbortSignal): ReturnType<HttpClient["fetch"]> {
    const response = await this.client.fetch(url, signal && { signal });
    if (!response.ok) {
      await response.body?.cancel();
      throw new ToolError(`${url} returned ${String(response.status)} ${response.statusText}`.trimEnd());
    }
    return response;
  }
}

/** Does the work with a network of its own, and closes the connections afterwards. */
export async function withNetwork<T>(work: (network: Network) => Promise<T>): Promise<T> {
  return HttpClient.with(timeouts, (client) => work(new Network(client)));
}
