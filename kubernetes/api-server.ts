/**
 * A client of API servers that may be broken or hostile. The API classes of `@kubernetes/client-node` read an answer of any size
 * and for any time, follow no limit of pages, and put the answer's headers and body into their errors; here all of these have
 * limits, and credentials are redacted. The library does provide the credentials and TLS options, and the WebSockets to pods.
 */
import { type OutgoingHttpHeaders, request as requestHttp } from "node:http";
import { request as requestHttps, type RequestOptions } from "node:https";
import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import { shownProxy } from "../network";
import type { Access } from "./kubeconfig";
import { reasonOf, excerpt } from "./error-messages";
import { isTransient } from "./transient";

const ConfigMap = z.object({ data: z.record(z.string(), z.string()).nullish() });
const Secret = z.object({ data: z.record(z.string(), z.string()).nullish() });
const Page = z.object({
  metadata: z.object({ continue: z.string().nullish(), remainingItemCount: z.number().nullish() }).default({}),
  items: z.array(z.unknown()).nullish(),
});

/** The API server gives no answer. */
export class Unreachable extends Error {}

/** It answers that this user may not know. */
export class Forbidden extends Error {}

/** How long an API server may take to answer, in milliseconds, by default. */
const usualPatience = 20_000;

/** Pauses in milliseconds before an API server that has a temporary problem is asked again. */
const pauses = [500, 1500];

/** Asks for the metadata alone: what objects hold can be large, and secret. */
const metadataOnly = (kind: string) => `application/json;as=${kind};g=meta.k8s.io;v=v1`;

/** How many objects of a list are asked for at a time, as kubectl does. */
const pageSize = 500;

/** An answer has an end, also where it comes byte by byte: so many times the patience for the next of them. */
const answerTimes = 3;
/** The same for all pages of a list. */
const listTimes = 15;
/** Bytes of an answer. etcd takes objects of 1.5 MiB; a page of pods has 20 KiB for each, 10 MiB in all. */
const longestAnswer = 64 << 20;
/** Bytes of a whole list, read. */
const longestList = 512 << 20;
/** Kubernetes is built for 150 000 pods in a cluster, which are 300 pages. */
const mostPages = 400;

/** The time by an API server. */
export interface Clock {
  /** Its own time, to the second. */
  readonly server: Date;
  /** This machine's time when it was asked, and when its answer was there. */
  readonly asked: Date;
  readonly answered: Date;
}

interface Answer {
  readonly status: number;
  readonly body: string;
  /** Header `Date`. */
  readonly date: string | undefined;
}

type Change = "PATCH" | "POST" | "DELETE";

interface Request {
  readonly method: "GET" | Change;
  readonly accept: string;
  /** Sent as JSON. */
  readonly body?: object;
  /** What the body is, where it is not plain JSON. */
  readonly contentType?: string;
}

/** The first objects of a list. */
export interface FirstPage {
  readonly items: readonly unknown[];
  /** How many more there are, as the API server estimates; 0 if it does not say. */
  readonly remaining: number;
}

/** What an API server answers to an object that it was asked to create, and does not store. */
export interface DryRun {
  /** HTTP status, 201 where the object would be created. */
  readonly status: number;
  /** Why not: the API server's own words, on one line. */
  readonly message: string;
}

/** What an API server answers to a change. */
export interface Written {
  /** HTTP status. */
  readonly status: number;
  /** Why not, where it refuses: the API server's own words, on one line. */
  readonly message: string;
}

/** The API server of a cluster, for reading; only {@link annotate}, {@link patch} and {@link write} change something. */
export class ApiServer {
  private constructor(
    private readonly server: URL,
    /** How connections are made. */
    private readonly options: RequestOptions,
    /** Who asks. */
    private readonly headers: OutgoingHttpHeaders,
    private readonly patience: number,
    /** The proxy between, for messages. */
    private readonly proxy: string | undefined,
  ) {}

  /**
   * @param patience How long it may take to answer, in milliseconds.
   * @throws Unreachable when the kubeconfig has no URL of an API server, or its credentials can't be had.
   */
  static async open(access: Access, patience = usualPatience): Promise<ApiServer> {
    if (!URL.canParse(access.server)) {
      throw new Unreachable("its kubeconfig has a server that is not a URL");
    }
    const options: RequestOptions = {};
    let proxy: string | undefined;
    try {
      const config = await access.config();
      await config.applyToHTTPSOptions(options);
      proxy = config.getCurrentCluster()?.proxyUrl;
    } catch (error) {
      throw new Unreachable(`no credentials for it: ${reasonOf(error)}`);
    }
    // Node would also take a flat list of headers, which the library never makes.
    const headers = (options.headers ?? {}) as OutgoingHttpHeaders;
    return new ApiServer(new URL(access.server), options, headers, patience, proxy && shownProxy(proxy));
  }

  /**
   * What is at a path, such as `/api/v1/namespaces/demo`; undefined when nothing is.
   *
   * @throws Unreachable, Forbidden
   */
  async get(path: string): Promise<unknown> {
    return this.ask(path, "application/json");
  }

  /** An object without anything but its `metadata`. */
  async metadata(path: string): Promise<unknown> {
    return this.ask(path, metadataOnly("PartialObjectMetadata"));
  }

  /** A list of objects without anything but their `metadata`. */
  async list(path: string): Promise<unknown> {
    return this.ask(path, metadataOnly("PartialObjectMetadataList"));
  }

  /**
   * Every object of a list, page by page; undefined where the API server does not know the kind.
   *
   * @throws Unreachable, Forbidden
   */
  async items(path: string): Promise<unknown[] | undefined> {
    const items: unknown[] = [];
    const end = Date.now() + listTimes * this.patience;
    const seen = new Set<string>();
    let [next, bytes] = ["", 0];
    do {
      const query = `${path.includes("?") ? "&" : "?"}limit=${String(pageSize)}${next && `&continue=${encodeURIComponent(next)}`}`;
      const answer = granted(await this.answer(`${path}${query}`, { method: "GET", accept: "application/json" }));
      const page = Page.safeParse(read(answer) ?? {}).data;
      if (answer === undefined) {
        return undefined;
      }
      if (page === undefined) {
        throw new Unreachable("it does not answer like an API server: its list is not one");
      }
      for (const item of page.items ?? []) {
        items.push(item);
      }
      next = page.metadata.continue ?? "";
      bytes += answer.body.length;
      if (seen.has(next) || seen.size === mostPages || bytes > longestList || Date.now() > end) {
        throw new Unreachable(`its list does not end (${String(items.length)} objects so far)`);
      }
      seen.add(next);
    } while (next !== "");
    return items;
  }

  /**
   * The first objects of a list, as many as kubectl asks for at a time; undefined where the API server does not know the kind.
   *
   * @throws Unreachable, Forbidden
   */
  async firstPage(path: string): Promise<FirstPage | undefined> {
    const found = await this.get(`${path}?limit=${String(pageSize)}`);
    if (found === undefined) {
      return undefined;
    }
    const { items, metadata } = Page.parse(found);
    return { items: items ?? [], remaining: metadata.remainingItemCount ?? 0 };
  }

  /**
   * What would come of creating an object: the API server admits it or not, webhooks included, and does not store it.
   *
   * @param path The list that it would be in, such as `/api/v1/namespaces/demo/pods`.
   * @throws Unreachable
   */
  async dryRun(path: string, object: object): Promise<DryRun> {
    const answer = await this.answer(`${path}?dryRun=All`, {
      method: "POST",
      accept: metadataOnly("PartialObjectMetadata"),
      body: object,
    });
    return { status: answer.status, message: messageIn(answer.body) ?? "" };
  }

  /**
   * What would come of a change: the object as the API server would store it, admission included. It stores nothing. Undefined where it
   * refuses the change, or to try it.
   *
   * @param change A merge patch.
   * @throws Unreachable
   */
  async trial(path: string, change: object): Promise<unknown> {
    const answer = await this.answer(`${path}?dryRun=All`, {
      method: "PATCH",
      accept: "application/json",
      body: change,
      contentType: "application/merge-patch+json",
    });
    return answer.status < 300 ? parsed(answer.body) : undefined;
  }

  /**
   * What is at a path that answers with plain text, such as a pod's log; undefined when nothing is.
   *
   * @throws Unreachable, Forbidden
   */
  async text(path: string): Promise<string | undefined> {
    return granted(await this.answer(path, { method: "GET", accept: "*/*" }))?.body;
  }

  /**
   * The API server's answer to an object that it does not store, such as a SelfSubjectAccessReview.
   *
   * @throws Unreachable, Forbidden
   */
  async review(path: string, question: object): Promise<unknown> {
    return read(granted(await this.answer(path, { method: "POST", accept: "application/json", body: question })));
  }

  /**
   * Adds annotations to an object. An object that does not exist is ignored.
   *
   * @throws Unreachable, Forbidden
   */
  async annotate(path: string, annotations: Readonly<Record<string, string>>): Promise<void> {
    await this.patch(path, "application/merge-patch+json", { metadata: { annotations } });
  }

  /**
   * Changes an object. One that does not exist is ignored, unless the patch is an apply, which creates it.
   *
   * @throws Unreachable, Forbidden
   */
  async patch(path: string, contentType: string, body: object): Promise<void> {
    const accept = metadataOnly("PartialObjectMetadata");
    granted(await this.answer(path, { method: "PATCH", accept, body, contentType }));
  }

  /**
   * Changes what is at a path; not retried.
   *
   * @param contentType What `body` is, where it is not plain JSON.
   * @throws Unreachable
   */
  async write(method: Change, path: string, body?: object, contentType?: string): Promise<Written> {
    const accept = metadataOnly("PartialObjectMetadata");
    const { status, body: answer } = await this.answer(path, {
      method,
      // A deletion may be answered with a Status, which has no metadata of an object.
      accept: method === "DELETE" ? "application/json" : accept,
      ...(body && { body }),
      ...(contentType !== undefined && { contentType }),
    });
    return { status, message: status < 400 ? "" : (messageIn(answer) ?? "no reason given") };
  }

  /**
   * Asks for nothing but an answer, whatever it says.
   *
   * @throws Unreachable where there is none.
   */
  async ping(): Promise<void> {
    await this.answer("/version", { method: "GET", accept: "application/json" });
  }

  /**
   * The time in the cluster, by its API server.
   *
   * @throws Unreachable
   */
  async clock(): Promise<Clock> {
    const asked = new Date();
    const { date } = await this.answer("/version", { method: "GET", accept: "application/json" });
    const server = new Date(date ?? "");
    if (Number.isNaN(server.getTime())) {
      throw new Unreachable("it answers without a date");
    }
    return { server, asked, answered: new Date() };
  }

  /**
   * What a Secret holds, in the clear; undefined where there is none.
   *
   * @throws Unreachable, Forbidden
   */
  async secret(namespace: string, name: string): Promise<Readonly<Record<string, string>> | undefined> {
    const secret = await this.get(`/api/v1/namespaces/${namespace}/secrets/${name}`);
    if (secret === undefined) {
      return undefined;
    }
    const { data } = Secret.parse(secret);
    return Object.fromEntries(
      Object.entries(data ?? {}).map(([key, base64]) => [key, Buffer.from(base64, "base64").toString("utf8")]),
    );
  }

  /**
   * The roots that istiod publishes to its clients, PEM; undefined where there are none.
   *
   * @throws Unreachable, Forbidden
   */
  async publishedRoots(): Promise<string | undefined> {
    const config = await this.get("/api/v1/namespaces/istio-system/configmaps/istio-ca-root-cert");
    return config === undefined ? undefined : ConfigMap.parse(config).data?.["root-cert.pem"];
  }

  /** A server that refuses them may repeat them. */
  private withoutCredentials(words: string): string {
    const { Authorization: bearer } = this.headers;
    const secrets = [String(bearer ?? "").replace(/^Bearer /, ""), this.options.auth?.replace(/^[^:]*:/, "") ?? ""];
    return secrets.reduce((text, secret) => (secret === "" ? text : text.replaceAll(secret, "[secret]")), words);
  }

  private async ask(path: string, accept: string): Promise<unknown> {
    return read(granted(await this.answer(path, { method: "GET", accept })));
  }

  /** Reading is retried where the API server has a temporary problem. One that does not answer in time is not asked again. */
  private async answer(path: string, request: Request): Promise<Answer> {
    for (const pause of request.method === "GET" ? pauses : []) {
      try {
        const answer = await this.answerOnce(path, request);
        if (!temporaryProblem(answer)) {
          return answer;
        }
      } catch (error) {
        if (!(error instanceof Unreachable && isTransient(error.message))) {
          throw error;
        }
      }
      await sleep(pause);
    }
    return this.answerOnce(path, request);
  }

  private answerOnce(path: string, request: Request): Promise<Answer> {
    const { method, accept, body, contentType = "application/json" } = request;
    const url = new URL(this.server);
    const [pathname = "", search = ""] = path.split("?");
    url.pathname = url.pathname.replace(/\/$/, "") + pathname;
    url.search = search;
    const { patience } = this;
    return new Promise<Answer>((resolve, reject) => {
      let end: NodeJS.Timeout | undefined;
      const fail = (error: unknown) => {
        clearTimeout(end);
        // Words of the library, which mean the proxy's answer.
        const reason = reasonOf(error).replace(/^Bad response: (\d+)$/, "the proxy answers $1");
        const between = this.proxy === undefined ? "" : ` (through the proxy ${this.proxy})`;
        reject(new Unreachable(this.withoutCredentials(`${reason}${between}`)));
      };
      try {
        // Plain HTTP is for a proxy on this machine; the library lets it pass only where verification is off.
        const outgoing = (url.protocol === "https:" ? requestHttps : requestHttp)(
          url,
          {
            ...this.options,
            method,
            headers: { ...this.headers, accept, ...(body && { "content-type": contentType }) },
            timeout: patience,
          },
          (response) => {
            const chunks: Buffer[] = [];
            let bytes = 0;
            response.on("data", (chunk: Buffer) => {
              chunks.push(chunk);
              bytes += chunk.length;
              if (bytes > longestAnswer) {
                outgoing.destroy(new Error(`its answer has more than ${String(longestAnswer >> 20)} MiB`));
              }
            });
            response.on("error", fail);
            response.on("end", () => {
              clearTimeout(end);
              const { statusCode = 0, headers } = response;
              const body = Buffer.concat(chunks).toString();
              resolve({
                status: statusCode,
                body: statusCode < 400 ? body : this.withoutCredentials(body),
                date: headers.date,
              });
            });
          },
        );
        const giveUp = (milliseconds: number) => () => {
          outgoing.destroy(new Error(`no answer within ${String(milliseconds / 1000)} seconds`));
        };
        outgoing.on("timeout", giveUp(patience));
        end = setTimeout(giveUp(answerTimes * patience), answerTimes * patience);
        outgoing.on("error", fail);
        outgoing.end(body && JSON.stringify(body));
      } catch (error) {
        // A certificate or key that can't be read; the error does not quote it.
        fail(error);
      }
    });
  }
}

/** Overloaded, restarting, or without a leader; 500 stands for much else besides, so its words count. */
function temporaryProblem({ status, body }: Answer): boolean {
  return [429, 502, 503, 504].includes(status) || (status === 500 && isTransient(messageIn(body) ?? ""));
}

/** An answer that is one: undefined for a path where nothing is. */
function granted(answer: Answer): Answer | undefined {
  const { status, body } = answer;
  if (status === 404) {
    return undefined;
  }
  if (status === 401 || status === 403) {
    throw new Forbidden(messageIn(body) ?? `it answers ${String(status)}`);
  }
  if (status >= 300 && status < 400) {
    throw new Unreachable(
      `it answers ${String(status)}, a redirect: it is not followed, since that would pass the credentials on`,
    );
  }
  if (status >= 400) {
    throw new Unreachable(`it answers ${String(status)}: ${messageIn(body) ?? "no reason given"}`);
  }
  return answer;
}

function read(answer: Answer | undefined): unknown {
  if (answer === undefined) {
    return undefined;
  }
  const content = parsed(answer.body);
  if (content === undefined) {
    throw new Unreachable("it does not answer like an API server");
  }
  return content;
}

/** The API server's own words. */
function messageIn(body: string): string | undefined {
  const status = parsed(body);
  return typeof status === "object" && status !== null && "message" in status
    ? excerpt(String(status.message))
    : undefined;
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}
