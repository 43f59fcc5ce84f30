import { createHash, randomUUID } from "node:crypto";
import { once } from "node:events";
import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { certify, privateKeyOf } from "./authorities";

/** How a registry wants to be asked, and what it does wrong. */
export interface RegistryOptions {
  /** Who may pull, as `user:password`; everybody, if left out. */
  readonly login?: string;
  /** An identity token that is as good as a login. */
  readonly identityToken?: string;
  /** Whether it takes the login itself, or gives a token for it. */
  readonly challenge?: "basic" | "bearer";
  /** What is sent instead of the chart. */
  readonly corrupt?: string;
  /** Where its files are: another server, which must never be shown a login. */
  readonly storage?: string;
  readonly layerType?: string;
  readonly status?: number;
}

export interface FakeRegistry extends AsyncDisposable {
  readonly host: string;
  /** The certificate (PEM) of the authority that its own is from. */
  readonly ca: string;
  /** What it was asked for: method, path and the scheme of the login. */
  readonly asked: string[];
}

/** A registry on this machine, by https, that has one chart: `charts/base` in version 1.31.0. */
export async function fakeRegistry(content: string, options: RegistryOptions = {}): Promise<FakeRegistry> {
  const { login, identityToken, challenge = "basic", corrupt, storage, status } = options;
  const { layerType = "application/vnd.cncf.helm.chart.content.v1.tar+gzip" } = options;
  // With a name of its own: of two that have the same, a client would try the wrong key.
  const authority = await certify(`company ${randomUUID()}`);
  const own = await certify("registry", authority, "localhost");
  const digest = `sha256:${createHash("sha256").update(content).digest("hex")}`;
  const manifest = JSON.stringify({
    schemaVersion: 2,
    layers: [{ mediaType: layerType, digest, size: content.length }],
  });
  const basic = login === undefined ? undefined : `Basic ${Buffer.from(login).toString("base64")}`;
  const asked: string[] = [];

  const answer = (request: IncomingMessage, body: string, response: ServerResponse) => {
    const { authorization = "" } = request.headers;
    asked.push(`${request.method ?? ""} ${request.url ?? ""} ${authorization.replace(/ .*/, "")}`.trimEnd());
    const url = new URL(request.url ?? "", `https://${host}`);
    if (url.pathname === "/token") {
      const renewed = identityToken !== undefined && new URLSearchParams(body).get("refresh_token") === identityToken;
      response.writeHead(renewed || authorization === basic ? 200 : 401).end(JSON.stringify({ token: "for-charts" }));
      return;
    }
    const granted = challenge === "basic" ? basic : "Bearer for-charts";
    if (basic !== undefined && authorization !== granted) {
      const how =
        challenge === "basic" ? 'Basic realm="fake"' : `Bearer realm="https://${host}/token",service="fake registry"`;
      response.writeHead(401, { "www-authenticate": how }).end("{}");
    } else if (status !== undefined) {
      response.writeHead(status).end("{}");
    } else if (url.pathname === "/v2/charts/base/manifests/1.31.0") {
      response.end(request.method === "HEAD" ? undefined : manifest);
    } else if (url.pathname === `/v2/charts/base/blobs/${digest}` && storage !== undefined) {
      response.writeHead(307, { location: `${storage}/stored` }).end();
    } else if (url.pathname === `/v2/charts/base/blobs/${digest}` || url.pathname === "/stored") {
      response.end(corrupt ?? content);
    } else {
      response.writeHead(404).end("{}");
    }
  };
  const server = createServer({ key: privateKeyOf(own), cert: own.pem }, (request, response) => {
    const parts: Buffer[] = [];
    request
      .on("data", (part: Buffer) => parts.push(part))
      .on("end", () => {
        answer(request, Buffer.concat(parts).toString("utf8"), response);
      });
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const host = `localhost:${String((server.address() as AddressInfo).port)}`;
  return {
    host,
    ca: authority.pem,
    asked,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}
