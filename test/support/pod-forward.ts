import type { Server } from "node:http";
import { type RawData, WebSocketServer } from "ws";

/**
 * Lets an API server's stand-in forward to pods whose admin port answers every request with one JSON value.
 *
 * @param answerOf The answer of the pod that a path leads to; undefined where there is no such pod, null where it does not listen.
 */
export function forwardToPods(server: Server, answerOf: (path: string) => unknown): void {
  const sockets = new WebSocketServer({ noServer: true, handleProtocols: () => "v4.channel.k8s.io" });
  server.on("upgrade", (request, socket, head) => {
    const answer = answerOf(request.url ?? "");
    if (answer === undefined) {
      socket.end("HTTP/1.1 404 Not Found\r\nConnection: close\r\n\r\n");
      return;
    }
    sockets.handleUpgrade(request, socket, head, (client) => {
      // Streams of data (0) and of errors (1) begin with the port's number.
      client.send(Buffer.from([0, 0x98, 0x3a]));
      client.send(Buffer.from([1, 0x98, 0x3a]));
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
