import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { once } from "node:events";
import { afterEach, expect, it, vi } from "vitest";
import { HttpClient } from "../../../network";
import { connectProxy, socksProxy } from "../../support/proxies";

afterEach(() => {
  vi.unstubAllEnvs();
});

const timeouts = { connect: 5000, stall: 5000 };

async function contentOf(url: string): Promise<string> {
  return HttpClient.with(timeouts, async (client) => (await client.fetch(url)).text());
}

/** Answers with a text, or leads from /old to another address. */
async function webServer(location = "") {
  const server = createServer((request, response) => {
    if (request.url === "/old") {
      response.writeHead(302, { location });
    }
    response.end("content");
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const port = String((server.address() as AddressInfo).port);
  return {
    port,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

it("asks through the proxy of the environment, http or SOCKS", async () => {
  await using server = await webServer();
  await using http = await connectProxy();
  await using socks = await socksProxy();
  // No machine has this name: whoever looks it up finds nothing.
  const url = `http://far.invalid:${server.port}/`;
  vi.stubEnv("HTTP_PROXY", `http://127.0.0.1:${String(socks.port)}`.replace("http", "socks5"));
  expect(await contentOf(url)).toBe("content");
  expect(socks.asked).toEqual([`far.invalid:${server.port}`]);
  vi.stubEnv("HTTP_PROXY", `127.0.0.1:${String(http.port)}`);
  await contentOf(`http://127.0.0.1:${server.port}/`);
  expect(http.asked).toEqual([]);
});

it("follows redirects, each by its own proxy", async () => {
  await using server = await webServer("http://far.invalid/");
  vi.stubEnv("HTTP_PROXY", "http://127.0.0.1:1");
  vi.stubEnv("NO_PROXY", "");
  await expect(contentOf(`http://localhost:${server.port}/old`)).rejects.toThrow(
    /ECONNREFUSED.* \(through the proxy http:\/\/127\.0\.0\.1:1\)$/,
  );
});
