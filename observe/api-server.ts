import { type OutgoingHttpHeaders, request as requestHttp } from "node:http";
import { request as requestHttps, type RequestOptions } from "node:https";
import { z } from "zod";
import type { Access } from "./kubeconfig";

const ConfigMap = z.object({ data: z.record(z.string(), z.string()).nullish() });
const Secret = z.object({ data: z.record(z.string(), z.string()).nullish() });
const Page = z.object({
  metadata: z.object({ continue: z.string().nullish() }).default({}),
  items: z.array(z.unknown()).nullish(),
});

/** The API server gives no answer. */
export class Unreachable extends Error {}

/** It answers that this user may not know. */
export class Forbidden extends Error {}

/** How long an API server may take to answer, in milliseconds, if nobody says otherwise. */
const usualPatience = 20_000;

/** Asks for the metadata alone: what objects hold can be large, and secret. */
const metadataOnly = (kind: string) => `application/json;as=${kind};g=meta.k8s.io;v=v1`;

/** How many objects of a list are asked for at a time, as kubectl does. */
const pageSize = 500;

/** What an API server says of the time. */
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

interface Request {
  readonly method: "GET" | "PATCH" | "POST";
  readonly accept: string;
  /** Sent as JSON. */
  readonly body?: object;
  /** What the body is, where it is not plain JSON. */
  readonly contentType?: string;
}

/** The API server of a cluster, for looking; only {@link annotate} leaves something behind. */
export class ApiServer {
  private constructor(
    private readonly server: URL,
    /** How connections are made. */
    private readonly options: RequestOptions,
    /** Who asks. */
    private readonly headers: OutgoingHttpHeaders,
    private readonly patience: number,
  ) {}

  /**
   * @param patience How long it may take to answer, in milliseconds.
   * @throws Unreachable when the kubeconfig has no URL of an API server, or its credentials can't be had.
   */
  static async open(access: Access, patience = usualPatience): Promise<ApiServer> {
    if (!URL.canParse(access.server)) {
      throw new Unreachable("its kubeconfig has a server that is no URL");
    }
    const options: RequestOptions = {};
    try {
      const config = await access.config();
      await config.applyToHTTPSOptions(options);
    } catch (error) {
      throw new Unreachable(`no credentials for it: ${error instanceof Error ? error.message : String(error)}`);
    }
    // Node would also take a flat list of headers, which the library never makes.
    return new ApiServer(new URL(access.server), options, options.headers as OutgoingHttpHeaders, patience);
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
    let next = "";
    do {
      const query = `${path.includes("?") ? "&" : "?"}limit=${String(pageSize)}${next && `&continue=${encodeURIComponent(next)}`}`;
      const answer = await this.get(`${path}${query}`);
      if (answer === undefined) {
        return undefined;
      }
      const page = Page.parse(answer);
      items.push(...(page.items ?? []));
      next = page.metadata.continue ?? "";
    } while (next !== "");
    return items;
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
   * What the API server makes of a question that it takes as an object and keeps nothing of, such as a SelfSubjectAccessReview.
   *
   * @throws Unreachable, Forbidden
   */
  async review(path: string, question: object): Promise<unknown> {
    return read(granted(await this.answer(path, { method: "POST", accept: "application/json", body: question })));
  }

  /**
   * Puts annotations on an object, beside those that it has. An object that is not there is none's concern.
   *
   * @throws Unreachable, Forbidden
   */
  async annotate(path: string, annotations: Readonly<Record<string, string>>): Promise<void> {
    const contentType = "application/merge-patch+json";
    const accept = metadataOnly("PartialObjectMetadata");
    granted(await this.answer(path, { method: "PATCH", accept, body: { metadata: { annotations } }, contentType }));
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
   * The roots that istiod tells its clients of, PEM; undefined where none has told of any.
   *
   * @throws Unreachable, Forbidden
   */
  async publishedRoots(): Promise<string | undefined> {
    const config = await this.get("/api/v1/namespaces/istio-system/configmaps/istio-ca-root-cert");
    return config === undefined ? undefined : ConfigMap.parse(config).data?.["root-cert.pem"];
  }

  private async ask(path: string, accept: string): Promise<unknown> {
    return read(granted(await this.answer(path, { method: "GET", accept })));
  }

  private answer(path: string, request: Request): Promise<Answer> {
    const { method, accept, body, contentType = "application/json" } = request;
    const url = new URL(this.server);
    const [pathname = "", search = ""] = path.split("?");
    url.pathname = url.pathname.replace(/\/$/, "") + pathname;
    url.search = search;
    const { patience } = this;
    return new Promise((resolve, reject) => {
      const fail = (error: Error) => {
        reject(new Unreachable(error.message));
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
            response.on("data", (chunk: Buffer) => chunks.push(chunk));
            response.on("error", fail);
            response.on("end", () => {
              const { statusCode = 0, headers } = response;
              resolve({ status: statusCode, body: Buffer.concat(chunks).toString(), date: headers.date });
            });
          },
        );
        outgoing.on("timeout", () => outgoing.destroy(new Error(`no answer in ${String(patience / 1000)} seconds`)));
        outgoing.on("error", fail);
        outgoing.end(body && JSON.stringify(body));
      } catch (error) {
        // A certificate or key that can't be read; the error does not quote it.
        fail(error instanceof Error ? error : new Error(String(error)));
      }
    });
  }
}

/** An answer that is one: undefined for a path where nothing is. */
function granted({ status, body, date }: Answer): Answer | undefined {
  if (status === 404) {
    return undefined;
  }
  if (status === 401 || status === 403) {
    throw new Forbidden(messageIn(body) ?? `it answers ${String(status)}`);
  }
  if (status >= 400) {
    throw new Unreachable(`it answers ${String(status)}: ${messageIn(body) ?? "no reason given"}`);
  }
  return { status, body, date };
}

function read(answer: Answer | undefined): unknown {
  if (answer === undefined) {
    return undefined;
  }
  const content = parsed(answer.body);
  if (content === undefined) {
    throw new Unreachable("it does not answer as an API server does");
  }
  return content;
}

/** The API server's own words. */
function messageIn(body: string): string | undefined {
  const status = parsed(body);
  return typeof status === "object" && status !== null && "message" in status ? String(status.message) : undefined;
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}
