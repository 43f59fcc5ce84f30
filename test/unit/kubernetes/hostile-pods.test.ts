/** What an API server that keeps to nothing can do to this program where it stands between it and a pod. */
import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { type WebSocket, WebSocketServer } from "ws";
import { type Access, getFromPod, ownAccess, runInPod } from "../../../kubernetes";

const status = (value: unknown) => Buffer.from([3, ...Buffer.from(JSON.stringify(value))]);

/** What it sends as soon as there is a connection. */
const attacks: readonly [string, readonly (Buffer | string)[]][] = [
  ["an empty message", [Buffer.alloc(0)]],
  ["an end of this program's own output", [Buffer.from([255, 1])]],
  ["an end of this program's own input", [Buffer.from([255, 0])]],
  ["a channel that there is not", [Buffer.from([9, 65])]],
  ["text", ["\u00ff\u0001"]],
  ["an end that is none", [status("x"), status(5)]],
  ["an end without a text in its message", [status({ status: "Failure", message: { a: 1 } })]],
  ["more after the end", [status({ status: "Failure" }), Buffer.from([1, 65]), Buffer.from([2, 65]), status({})]],
  [
    "words that rule a terminal",
    [Buffer.from([1, 0, 0, ...Buffer.from("bad\u001b[2J")]), status({ status: "Failure" })],
  ],
];

let server: Server;
let access: Access;
let sockets: WebSocketServer;
beforeEach(async () => {
  server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  sockets = new WebSocketServer({ server, handleProtocols: () => "v4.channel.k8s.io" });
  const { port } = server.address() as AddressInfo;
  const kubeconfig = {
    "current-context": "it",
    contexts: [{ name: "it", context: { cluster: "it", user: "it" } }],
    clusters: [{ name: "it", cluster: { server: `http://127.0.0.1:${String(port)}` } }],
    users: [{ name: "it", user: { token: "a-token" } }],
  };
  access = ownAccess(JSON.stringify(kubeconfig), "the kubeconfig of a test");
});
afterEach(() => {
  sockets.clients.forEach((client) => {
    client.terminate();
  });
  server.closeAllConnections();
  server.close();
});

describe.each(attacks)("%s", (_, messages) => {
  beforeEach(() => {
    sockets.on("connection", (socket: WebSocket) => {
      messages.forEach((message) => {
        socket.send(message);
      });
      setTimeout(() => {
        socket.close();
      }, 300);
    });
  });

  it.each([
    ["a command", () => runInPod(access, { namespace: "n", pod: "p", container: "c" }, ["true"], 2000)],
    ["a port", () => getFromPod(access, { namespace: "n", pod: "p", port: 1 }, "/x")],
  ])("instead of what %s answers is a failure of that pod alone", async (_what, ask) => {
    const end = vi.spyOn(process.stdout, "end");
    try {
      // The words are the server's: whoever prints them makes them printable.
      await expect(ask()).rejects.toMatchObject({ message: expect.stringMatching(/^.{1,1000}$/su) as string });
      await new Promise((resolve) => setTimeout(resolve, 100));
      expect(end).not.toHaveBeenCalled();
    } finally {
      end.mockRestore();
    }
  });
});
