import type { Response } from "undici";
import { z } from "zod";
import type { HttpClient } from "../network";
import type { Credentials } from "./logins";
import type { OciReference } from "./reference";

const Token = z.object({ token: z.string().optional(), access_token: z.string().optional() });

/** Asks one registry for what one repository has: https://github.com/opencontainers/distribution-spec. */
export class RegistryClient {
  /** What the registry has accepted. */
  #authorization: string | undefined;

  constructor(
    private readonly http: HttpClient,
    private readonly reference: OciReference,
    private readonly credentials: Credentials | undefined,
  ) {}

  /**
   * The answer for a path below the repository, after whatever the registry wants to know first.
   *
   * @throws Error when it can't be asked.
   */
  async ask(path: string, method: "GET" | "HEAD", accept: string): Promise<Response> {
    const { host, repository } = this.reference;
    const url = `https://${apiHost(host)}/v2/${repository}/${path}`;
    const ask = () =>
      this.http.fetch(url, {
        method,
        headers: { accept, ...(this.#authorization !== undefined && { authorization: this.#authorization }) },
      });
    const response = await ask();
    if (response.status !== 401 || this.#authorization !== undefined) {
      return response;
    }
    this.#authorization = await this.authorize(response.headers.get("www-authenticate") ?? "");
    if (this.#authorization === undefined) {
      return response;
    }
    await response.body?.cancel();
    return ask();
  }

  /** What a challenge is answered with; undefined if there is nothing to answer it with. */
  private async authorize(challenge: string): Promise<string | undefined> {
    const [, scheme = "", rest = ""] = /^\s*(\w+)\s*(.*)$/s.exec(challenge) ?? [];
    if (scheme.toLowerCase() === "basic") {
      return this.basic();
    }
    const { realm, service } = parameters(rest);
    if (scheme.toLowerCase() !== "bearer" || realm === undefined || !URL.canParse(realm)) {
      return undefined;
    }
    const token = await this.token(new URL(realm), service);
    return token === undefined ? undefined : `Bearer ${token}`;
  }

  private basic(): string | undefined {
    const { username, password, identityToken } = this.credentials ?? {};
    return username === undefined || identityToken !== undefined
      ? undefined
      : `Basic ${Buffer.from(`${username}:${password ?? ""}`).toString("base64")}`;
  }

  /** A token to pull with: https://distribution.github.io/distribution/spec/auth/. */
  private async token(realm: URL, service: string | undefined): Promise<string | undefined> {
    if (realm.protocol !== "https:") {
      throw new Error(`it sends logins to ${realm.origin}, which is not https`);
    }
    const query = { ...(service !== undefined && { service }), scope: `repository:${this.reference.repository}:pull` };
    const { identityToken } = this.credentials ?? {};
    const response =
      identityToken === undefined
        ? await this.http.fetch(withQuery(realm, query), { headers: this.loginHeaders() })
        : await this.http.fetch(realm.href, {
            method: "POST",
            headers: { "content-type": "application/x-www-form-urlencoded" },
            body: new URLSearchParams({
              ...query,
              grant_type: "refresh_token",
              refresh_token: identityToken,
              client_id: "flatmesh",
            }).toString(),
          });
    if (!response.ok) {
      await response.body?.cancel();
      if (response.status >= 500 || response.status === 429) {
        throw new Error(`${realm.host}, which gives its tokens, answers ${String(response.status)}`);
      }
      return undefined;
    }
    const { data } = Token.safeParse(await response.json().catch(() => undefined));
    return data?.token ?? data?.access_token;
  }

  private loginHeaders(): Readonly<Record<string, string>> {
    const authorization = this.basic();
    return authorization === undefined ? {} : { authorization };
  }
}

/** Docker's own registry answers under another name than the one that it is called by. */
function apiHost(host: string): string {
  return host === "docker.io" ? "registry-1.docker.io" : host;
}

/** `realm="https://…",service="…"` */
function parameters(text: string): { readonly realm?: string; readonly service?: string } {
  return Object.fromEntries(
    [...text.matchAll(/(\w+)="([^"]*)"/g)].map(([, name = "", value = ""]) => [name.toLowerCase(), value]),
  );
}

function withQuery(url: URL, query: Readonly<Record<string, string>>): string {
  const asked = new URL(url);
  Object.entries(query).forEach(([name, value]) => {
    asked.searchParams.set(name, value);
  });
  return asked.href;
}
