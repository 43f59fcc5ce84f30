import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { WebSocketServer } from "ws";

/** How a server that keeps to nothing answers a request. */
export type Hostility = (request: IncomingMessage, response: ServerResponse) => void;

const page = (items: readonly unknown[], next: string) => JSON.stringify({ metadata: { continue: next }, items });

/** What breaks out of a line, a shell, a terminal or a table where it is taken for a name. */
const words = "x\n::error::y \u001b[2J --kubeconfig=/tmp/x $(id); | `id` | __proto__";

/** Ways of an API server to hang, flood or fool whoever asks it. */
export const hostilities = {
  pagesWithoutEnd: (request, response) => {
    response.end(page([{ metadata: { name: "one" } }], String(Math.random()) + String(request.url?.length)));
  },
  onePageAgainAndAgain: (_, response) => response.end(page([], "same")),
  hugeBody: (_, response) => {
    const chunk = Buffer.alloc(1 << 20, "[");
    const more = () => {
      while (!response.destroyed && response.write(chunk));
    };
    response.on("drain", more);
    more();
  },
  byteByByte: (_, response) => {
    response.write("{");
    const timer = setInterval(() => response.write(" "), 20);
    response.on("close", () => {
      clearInterval(timer);
    });
  },
  silence: () => undefined,
  noJson: (_, response) => response.end('{"metadata": {"name": "x"'),
  anotherShape: (_, response) => response.end('{"metadata": [], "items": {"a": 1}, "kind": 7}'),
  wordsForNames: (_, response) => {
    const object = {
      kind: words,
      metadata: { name: words, namespace: words, labels: { [words]: words } },
      data: { [words]: "YQ==" },
    };
    response.end(JSON.stringify({ ...object, items: [object] }));
  },
  noDates: (_, response) => {
    response.setHeader("date", "the day before yesterday");
    const metadata = { name: "x", creationTimestamp: "never", deletionTimestamp: "-1" };
    response.end(JSON.stringify({ metadata, items: [{ metadata, spec: {}, status: {} }] }));
  },
  redirect: (_, response) => response.writeHead(302, { location: "http://127.0.0.1:9/elsewhere" }).end(),
  credentialsInMessages: (request, response) => {
    const message = `${request.headers.authorization ?? ""} is refused. ${words.repeat(20_000)}`;
    response.writeHead(403).end(JSON.stringify({ message }));
  },
  faultsWithoutEnd: (request, response) => {
    response
      .writeHead(500)
      .end(JSON.stringify({ message: `${request.headers.authorization ?? ""} ${"x".repeat(1e6)}` }));
  },
} satisfies Readonly<Record<string, Hostility>>;

/** An API server on this machine that answers everything in one hostile way. */
export class HostileApiServer {
  readonly #sockets = new Set<Socket>();

  private constructor(private readonly server: Server) {
    server.on("connection", (socket: Socket) => this.#sockets.add(socket));
  }

  /**
   * @param frames What it sends first to whoever connects to a pod, as WebSocket messages; undefined for one that does not even
   *     answer that.
   */
  static async open(answer: Hostility, frames?: readonly Buffer[]): Promise<HostileApiServer> {
    const server = createServer(answer).listen(0, "127.0.0.1");
    const sockets = new WebSocketServer({ noServer: true, handleProtocols: () => "v4.channel.k8s.io" });
    server.on("upgrade", (request, socket, head) => {
      if (frames !== undefined) {
        sockets.handleUpgrade(request, socket, head, (client) => {
          client.on("error", () => undefined);
          frames.forEach((frame) => {
            client.send(frame);
          });
        });
      }
    });
    await once(server, "listening");
    return new HostileApiServer(server);
  }

  get url(): string {
    return `http://127.0.0.1:${String((this.server.address() as AddressInfo).port)}`;
  }

  close(): void {
    this.#sockets.forEach((socket) => socket.destroy());
    this.server.close();
  }
}
