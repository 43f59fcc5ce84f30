import { createServer } from "node:net";
import { expect, it } from "vitest";
import { isLoopback, listenersOf } from "../support/listeners";

it.runIf(process.platform === "linux").each([
  ["127.0.0.1", "127.0.0.1", true],
  ["0.0.0.0", "0.0.0.0", false],
  ["::1", "::1", true],
  ["::", "::", false],
  ["::ffff:127.0.0.1", "127.0.0.1", true],
])("a listener on %s is found, and known as one of %s", async (host, address, loopback) => {
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.on("error", reject).listen(0, host, resolve);
  });
  try {
    const bound = server.address();
    const port = typeof bound === "object" ? bound?.port : undefined;
    const found = (await listenersOf([process.pid])).filter((listener) => listener.port === port);
    expect(found).toEqual([{ program: "node", address, port }]);
    expect(found.every(isLoopback)).toBe(loopback);
  } finally {
    server.close();
  }
});
