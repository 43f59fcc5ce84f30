import type { Server } from "node:http";
import { Duplex } from "node:stream";
import { TLSSocket } from "node:tls";
import { type RawData, type WebSocket, WebSocketServer } from "ws";

/** What a pod serves TLS with, PEM: its certificate with those above it, and its key. */
export interface Served {
  readonly cert: string;
  readonly key: string;
}

/**
 * Lets an API server's stand-in forward to pods whose admin port answers every request with one JSON value, and which may
 * serve TLS at another port.
 *
 * @param answerOf The answer of the pod that a path leads to; undefined where there is no such pod, null where it does not listen.
 * @param servedBy What the pod serves TLS with at the port that a path leads to.
 */
export function forwardToPods(
  server: Server,
  answerOf: (path: string) => unknown,
  servedBy: (path: string) => Served | undefined = () => undefined,
): void {
  const sockets = new WebSocketServer({ noServer: true, handleProtocols: () => "v4.channel.k8s.io" });
  server.on("upgrade", (request, socket, head) => {
    const served = servedBy(request.url ?? "");
    const answer = answerOf(request.url ?? "");
    if (answer === undefined && !served) {
      socket.end("HTTP/1.1 404 Not Found\r\nConnection: close\r\n\r\n");
      return;
    }
    sockets.handleUpgrade(request, socket, head, (client) => {
      // Streams of data (0) and of errors (1) begin with the port's number.
      client.send(Buffer.from([0, 0x98, 0x3a]));
      client.send(Buffer.from([1, 0x98, 0x3a]));
      if (served) {
        new TLSSocket(dataOf(client), { isServer: true, ...served });
        return;
      }
      if (answer === null) {
        client.send(Buffer.from("\u0001dial tcp4 127.0.0.1:15000: connection refused"));
        return;
      }
      client.once("message", (data: RawData) => {
        const asked = (data as Buffer).subarray(1).toString();
        const body = JSON.stringify(answer);
        const head = `HTTP/1.1 ${asked.startsWith("GET /config_dump") ? "200 OK" : "404 Not Found"}`;
        const length = String(Buffer.byteLength(body));
        client.send(
          Buffer.concat([
            Buffer.from([0]),
            Buffer.from(`${head}\r\nContent-Length: ${length}\r\nConnection: close\r\n\r\n${body}`),
          ]),
        );
      });
    });
  });
}

/** The stream of data (0) of a connection to a pod. */
function dataOf(client: WebSocket): Duplex {
  const stream = new Duplex({
    read: () => undefined,
    write: (chunk: Buffer, _encoding, done) => {
      client.send(Buffer.concat([Buffer.from([0]), chunk]), () => {
        done();
      });
    },
  });
  client.on("message", (data: RawData) => stream.push((data as Buffer).subarray(1)));
  client.on("close", () => stream.push(null));
  return stream;
}
