import { type OutgoingHttpHeaders, request as requestHttp } from "node:http";
import { request as requestHttps, type RequestOptions } from "node:https";
import { z } from "zod";

const ConfigMap = z.object({ data: z.record(z.string(), z.string()).nullish() });
const Secret = z.object({ data: z.record(z.string(), z.string()).nullish() });

/** The API server gives no answer. */
export class Unreachable extends Error {}

/** It answers that this user may not know. */
export class Forbidden extends Error {}

/** How long an API server may take to answer, in milliseconds. */
const patience = 20_000;

/** Asks for the metadata alone: what objects hold can be large, and secret. */
const metadataOnly = (kind: string) => `application/json;as=${kind};g=meta.k8s.io;v=v1`;

/** The API server of a cluster, for looking only. */
export class ApiServer {
  private constructor(
    private readonly server: URL,
    /** How connections are made. */
    private readonly options: RequestOptions,
    /** Who asks. */
    private readonly headers: OutgoingHttpHeaders,
  ) {}

  /** @throws Unreachable when the kubeconfig names no API server, or its credentials can't be had. */
  static async open({ kubeconfig, context }: { kubeconfig: string; context: string }): Promise<ApiServer> {
    // Loaded where it is needed: most stacks have no existing cluster.
    const { KubeConfig } = await import("@kubernetes/client-node");
    const config = new KubeConfig();
    config.loadFromString(kubeconfig);
    config.setCurrentContext(context);
    const server = config.getCurrentCluster()?.server;
    if (server === undefined) {
      throw new Unreachable("its kubeconfig names no API server");
    }
    const options: RequestOptions = {};
    try {
      await config.applyToHTTPSOptions(options);
    } catch (error) {
      throw new Unreachable(`no credentials for it: ${error instanceof Error ? error.message : String(error)}`);
    }
    // Node would also take a flat list of headers, which the library never makes.
    return new ApiServer(new URL(server), options, options.headers as OutgoingHttpHeaders);
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
    const { status, body } = await this.answer(path, accept);
    if (status === 404) {
      return undefined;
    }
    if (status === 401 || status === 403) {
      throw new Forbidden(messageIn(body) ?? `it answers ${String(status)}`);
    }
    if (status >= 400) {
      throw new Unreachable(`it answers ${String(status)}: ${messageIn(body) ?? "no reason given"}`);
    }
    const content = parsed(body);
    if (content === undefined) {
      throw new Unreachable("it does not answer as an API server does");
    }
    return content;
  }

  private answer(path: string, accept: string): Promise<{ readonly status: number; readonly body: string }> {
    const url = new URL(this.server);
    const [pathname = "", search = ""] = path.split("?");
    url.pathname = url.pathname.replace(/\/$/, "") + pathname;
    url.search = search;
    return new Promise((resolve, reject) => {
      const fail = (error: Error) => {
        reject(new Unreachable(error.message));
      };
      try {
        // Plain HTTP is for a proxy on this machine; the library lets it pass only where verification is off.
        const outgoing = (url.protocol === "https:" ? requestHttps : requestHttp)(
          url,
          { ...this.options, headers: { ...this.headers, accept }, timeout: patience },
          (response) => {
            const chunks: Buffer[] = [];
            response.on("data", (chunk: Buffer) => chunks.push(chunk));
            response.on("error", fail);
            response.on("end", () => {
              resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks).toString() });
            });
          },
        );
        outgoing.on("timeout", () => outgoing.destroy(new Error(`no answer in ${String(patience / 1000)} seconds`)));
        outgoing.on("error", fail);
        outgoing.end();
      } catch (error) {
        // A certificate or key that can't be read; the error does not quote it.
        fail(error instanceof Error ? error : new Error(String(error)));
      }
    });
  }
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
