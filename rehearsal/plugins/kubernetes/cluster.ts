import type { OutgoingHttpHeaders } from "node:http";
import { Agent, request } from "node:https";
import type { RequestOptions } from "node:https";
import type { KubeConfig } from "@kubernetes/client-node" with { "resolution-mode": "import" };
import type { Json, JsonObject } from "../protocol/values";
import { text } from "./object";

/** What the API server answers when it refuses. */
export class ApiError extends Error {
  constructor(
    readonly code: number,
    /** Such as `NotFound`, `AlreadyExists`, `Conflict`, `Invalid`. */
    readonly reason: string,
    message: string,
  ) {
    super(message);
  }
}

export function isNotFound(error: unknown): error is ApiError {
  return error instanceof ApiError && error.code === 404;
}

export interface Ask {
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: Json;
  readonly contentType?: string;
}

/** Big objects, such as CRDs, take the API server a while under load; a dead connection must still end. */
const REQUEST_TIMEOUT_MS = 60_000;

/** One API server, over connections that are kept. */
export class Cluster {
  private constructor(
    readonly config: KubeConfig,
    private readonly server: URL,
    private readonly connection: Pick<RequestOptions, "auth" | "agent">,
    private readonly headers: OutgoingHttpHeaders,
  ) {}

  static async open(config: KubeConfig): Promise<Cluster> {
    const server = config.getCurrentCluster()?.server;
    if (server === undefined) {
      throw new Error("the kubeconfig names no API server");
    }
    const options: RequestOptions = {};
    await config.applyToHTTPSOptions(options);
    // Node would also take a flat list of headers, which the library never makes.
    const headers = { ...(options.headers as OutgoingHttpHeaders | undefined) };
    const { ca, cert, key, pfx, passphrase, rejectUnauthorized, servername } = options;
    // The library's own agent leads through a proxy.
    const agent = config.getCurrentCluster()?.proxyUrl
      ? options.agent
      : new Agent({ keepAlive: true, maxSockets: 12, ca, cert, key, pfx, passphrase, rejectUnauthorized, servername });
    return new Cluster(config, new URL(server), { auth: options.auth, agent }, headers);
  }

  get defaultNamespace(): string {
    return this.config.getContextObject(this.config.getCurrentContext())?.namespace ?? "default";
  }

  async get(path: string): Promise<JsonObject> {
    return this.ask("GET", path);
  }

  /** One request. Throws {@link ApiError} when the API server refuses, and a plain error when it can't be reached. */
  async ask(
    method: string,
    path: string,
    { query = {}, body, contentType = "application/json" }: Ask = {},
  ): Promise<JsonObject> {
    const url = new URL(this.server);
    url.pathname = url.pathname.replace(/\/$/, "") + path;
    url.search = new URLSearchParams(query).toString();
    const payload = body === undefined ? undefined : Buffer.from(JSON.stringify(body));
    const { status, answer } = await new Promise<{ status: number; answer: string }>((resolve, reject) => {
      const outgoing = request(
        url,
        {
          ...this.connection,
          method,
          timeout: REQUEST_TIMEOUT_MS,
          headers: {
            ...this.headers,
            accept: "application/json",
            ...(payload === undefined ? {} : { "content-type": contentType, "content-length": payload.length }),
          },
        },
        (response) => {
          const chunks: Buffer[] = [];
          response.on("data", (chunk: Buffer) => chunks.push(chunk));
          response.on("error", reject);
          response.on("end", () => {
            resolve({ status: response.statusCode ?? 0, answer: Buffer.concat(chunks).toString() });
          });
        },
      );
      outgoing.on("timeout", () => outgoing.destroy(new Error(`no answer within ${String(REQUEST_TIMEOUT_MS)} ms`)));
      outgoing.on("error", (error) => {
        reject(new Error(`${method} ${url.origin}${path}: ${error.message}`));
      });
      outgoing.end(payload);
    });
    const result = parse(answer);
    if (status >= 400) {
      throw new ApiError(status, text(result, "reason"), text(result, "message") || answer);
    }
    return result;
  }
}

function parse(answer: string): JsonObject {
  try {
    return JSON.parse(answer) as JsonObject;
  } catch {
    return {};
  }
}
