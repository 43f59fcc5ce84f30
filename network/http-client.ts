import type { Dispatcher, Response } from "undici";
import { proxyFor, shownProxy } from "./proxy";

/** How long a connection, and each pause of an answer, may take, in milliseconds. */
export interface Timeouts {
  readonly connect: number;
  readonly stall: number;
}

export interface HttpOptions {
  readonly method?: "GET" | "HEAD" | "POST";
  /** By their names in small letters. What authorizes goes to the server of the URL alone, not to others that it leads to. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly signal?: AbortSignal;
}

/** How many servers an answer may lead to one after the other, as for the `fetch` of browsers. */
const mostRedirects = 20;

/** HTTP requests through the proxies of the environment: `fetch` of Node.js knows none before version 24. */
export class HttpClient {
  /** By the proxy; of no proxy, the empty name. */
  private readonly dispatchers = new Map<string, Dispatcher>();

  private constructor(
    private readonly undici: Pick<typeof import("undici"), "Agent" | "fetch" | "ProxyAgent">,
    private readonly timeouts: Timeouts,
    private readonly authorities: readonly string[] | undefined,
  ) {}

  /**
   * Does the work with a client of its own, and closes the connections afterwards.
   *
   * @param authorities Certificates (PEM) of the only authorities that servers may have theirs from; those of Node.js, if left out.
   */
  static async with<T>(
    timeouts: Timeouts,
    work: (client: HttpClient) => Promise<T>,
    authorities?: readonly string[],
  ): Promise<T> {
    // Loaded where it is needed: most updates ask nothing but Kubernetes.
    const client = new HttpClient(await import("undici"), timeouts, authorities);
    try {
      return await work(client);
    } finally {
      await Promise.all([...client.dispatchers.values()].map((dispatcher) => dispatcher.destroy()));
    }
  }

  /**
   * The answer to a request, after all redirects: each may lead to a server with another proxy.
   *
   * @throws Error, with the proxy's name where the request goes through one.
   */
  async fetch(url: string, options: HttpOptions = {}): Promise<Response> {
    let next = new URL(url);
    let asked = options;
    for (let redirects = 0; redirects <= mostRedirects; redirects += 1) {
      const response = await this.ask(next, asked);
      const location = response.headers.get("location");
      if (response.status < 300 || response.status >= 400 || location === null) {
        return response;
      }
      await response.body?.cancel();
      const before = next;
      next = new URL(location, before);
      if (before.protocol === "https:" && next.protocol !== "https:") {
        throw new Error(`${before.origin} leads to an address that is not https`);
      }
      if (before.origin !== next.origin) {
        const { authorization, ...headers } = asked.headers ?? {};
        asked = { ...asked, headers };
      }
    }
    throw new Error(`it leads to more than ${String(mostRedirects)} other addresses`);
  }

  private async ask(url: URL, options: HttpOptions): Promise<Response> {
    const proxy = proxyFor(url);
    try {
      return await this.undici.fetch(url, { ...options, redirect: "manual", dispatcher: this.dispatcher(proxy) });
    } catch (error) {
      if (proxy === undefined || !(error instanceof TypeError)) {
        throw error;
      }
      const reason = error.cause instanceof Error ? error.cause.message : error.message;
      throw new Error(`${reason} (through the proxy ${shownProxy(proxy)})`, { cause: error });
    }
  }

  private dispatcher(proxy = ""): Dispatcher {
    const known = this.dispatchers.get(proxy);
    if (known) {
      return known;
    }
    const { connect, stall } = this.timeouts;
    const tls = this.authorities && { ca: [...this.authorities] };
    const limits = { connect: { timeout: connect, ...tls }, headersTimeout: stall, bodyTimeout: stall };
    const dispatcher =
      proxy === ""
        ? new this.undici.Agent(limits)
        : new this.undici.ProxyAgent({
            ...limits,
            ...(tls && { requestTls: tls, proxyTls: tls }),
            uri: proxy.replace(/^socks5h:/, "socks5:"),
          });
    this.dispatchers.set(proxy, dispatcher);
    return dispatcher;
  }
}
