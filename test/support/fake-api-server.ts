import { once } from "node:events";
import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { forwardToPods, type Served } from "./pod-forward";

/**
 * An API server of which only this can be read, by its paths with their queries; whatever else is asked for is not there. A patch
 * is noted, and changes nothing.
 */
export class FakeApiServer {
  readonly objects = new Map<string, unknown>();
  /** Paths that are answered with 403: whoever asks has no right to see what is there. */
  readonly forbidden = new Set<string>();
  /** Bodies of what was patched, by path. */
  readonly patches = new Map<string, unknown[]>();
  /** What would come of creating something, by the path of its list: status and message. What is not here is not there. */
  readonly creations = new Map<string, readonly [status: number, message: string]>();
  /** What pods answer at their admin port, by name. */
  readonly pods = new Map<string, unknown>();

  /** What pods serve TLS with at istiod's port, by name. */
  readonly served = new Map<string, Served>();

  private constructor(private readonly server: Server) {
    server.on("request", (request, response) => {
      const path = decodeURIComponent(request.url ?? "");
      const object = this.objects.get(path);
      response.statusCode = this.forbidden.has(path) ? 403 : object === undefined ? 404 : 200;
      const creation = request.method === "POST" ? this.creations.get(path.replace(/\?.*$/, "")) : undefined;
      void json(request).then((body) => {
        if (creation !== undefined) {
          const [status, message] = creation;
          response.statusCode = status;
          response.end(JSON.stringify({ apiVersion: "v1", kind: "Status", message }));
          return;
        }
        if (request.method === "PATCH") {
          this.patches.set(path, [...(this.patches.get(path) ?? []), body]);
        }
        response.end(JSON.stringify(object ?? { apiVersion: "v1", kind: "Status" }));
      });
    });
    const podIn = (path: string) => /\/pods\/([^/]+)\/portforward/.exec(path)?.[1] ?? "";
    forwardToPods(
      server,
      (path) => this.pods.get(podIn(path)),
      (path) => (path.includes("ports=15012") ? this.served.get(podIn(path)) : undefined),
    );
  }

  static async open(): Promise<FakeApiServer> {
    const server = createServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    return new FakeApiServer(server);
  }

  get url(): string {
    return `http://127.0.0.1:${String((this.server.address() as AddressInfo).port)}`;
  }

  close(): void {
    this.server.closeAllConnections();
    this.server.close();
  }
}

/** The body of a request; undefined where it has none. */
async function json(request: IncomingMessage): Promise<unknown> {
  const body = await text(request);
  return body === "" ? undefined : JSON.parse(body);
}
