import { once } from "node:events";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { playKindMachine } from "../../support/kind-machine";
import { kubeconfig } from "../echo/kubeconfig";
import { type Echoes, serveEchoes } from "../echo/serve";
import { type Called, files, recordedCalls, type Script } from "../echo/world";

/** A request that reached the API server of a cluster, not through a plugin. */
export interface Request {
  readonly cluster: string;
  readonly method: string;
  /** Path and query as the API server has them. */
  readonly path: string;
}

/**
 * What the plugins of one test play in: a folder of their clusters, their script, and the record of their calls; and a
 * server for what the program itself asks of its clusters.
 */
export class World {
  #script: Script;
  /** What there is to be read in a cluster, by the API server's paths with their queries. */
  readonly objects = new Map<string, Map<string, unknown>>();
  readonly #requests: Request[] = [];
  readonly #machine = playKindMachine();
  #seen = 0;

  private constructor(
    readonly folder: string,
    private readonly server: Server,
    private readonly echoes: Echoes,
  ) {
    server.on("request", ({ method = "", url = "" }: IncomingMessage, response: ServerResponse) => {
      const [, cluster = "", path = ""] = /^\/([^/]+)(.*)$/.exec(url) ?? [];
      this.#requests.push({ cluster, method, path: decodeURIComponent(path) });
      const object = this.objects.get(cluster)?.get(decodeURIComponent(path));
      response.setHeader("content-type", "application/json");
      response.statusCode = method === "GET" && object === undefined ? 404 : 200;
      response.end(JSON.stringify(object ?? { apiVersion: "v1", kind: "Status" }));
    });
    const apiServers = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`;
    this.#script = { apiServers, nodes: {}, addresses: {}, failures: [], delays: [] };
  }

  static async open(): Promise<World> {
    const server = createServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    const folder = await mkdtemp(join(tmpdir(), "flatmesh-world-"));
    const world = new World(folder, server, await serveEchoes(folder));
    await world.play({});
    return world;
  }

  async close(): Promise<void> {
    this.#machine();
    this.server.closeAllConnections();
    this.server.close();
    this.echoes.close();
    await rm(this.folder, { recursive: true, force: true });
  }

  /** By which engines find the world's providers, as PULUMI_DEBUG_PROVIDERS. */
  get debugProviders(): string {
    return this.echoes.debugProviders;
  }

  /** Changes how the world behaves. */
  async play(changes: Partial<Script>): Promise<void> {
    this.#script = { ...this.#script, ...changes };
    await writeFile(files.script(this.folder), JSON.stringify(this.#script));
  }

  /** Puts a cluster there that no stack has made. Returns its kubeconfig, whose context has the cluster's name. */
  async found(cluster: string): Promise<string> {
    const mark = `found-${cluster}`;
    await writeFile(files.cluster(this.folder, cluster), mark);
    const { apiServers } = this.#script;
    return kubeconfig({ cluster, mark }, { apiServers, context: cluster, key: `client-key-of-${cluster}` });
  }

  /** The kubeconfig by which somebody else than a cluster's stack reaches it, under a context of theirs. */
  async reached(cluster: string, context: string): Promise<string> {
    const mark = await readFile(files.cluster(this.folder, cluster), "utf8");
    return kubeconfig({ cluster, mark }, { apiServers: this.#script.apiServers, context, key: `key-to-${cluster}` });
  }

  /** URL below which every cluster has its API server. */
  get apiServers(): string {
    return this.#script.apiServers;
  }

  /** The clusters that there are, with the marks by which their kubeconfigs know them. */
  marks(): Map<string, string> {
    const prefix = files.cluster("", "");
    const there = readdirSync(this.folder).filter((file) => file.startsWith(prefix));
    return new Map(
      there.sort().map((file) => [file.slice(prefix.length), readFileSync(join(this.folder, file), "utf8")]),
    );
  }

  /** Puts clusters there with the marks that they had. */
  async restore(clusters: Readonly<Record<string, string>>): Promise<void> {
    for (const [cluster, mark] of Object.entries(clusters)) {
      await writeFile(files.cluster(this.folder, cluster), mark);
    }
  }

  /** Takes a cluster away behind the engine's back. */
  async lose(cluster: string): Promise<void> {
    await rm(files.cluster(this.folder, cluster));
  }

  /** Whether there is a cluster of that name. */
  has(cluster: string): boolean {
    return existsSync(files.cluster(this.folder, cluster));
  }

  /** Every call so far that reached a plugin, in the order in which they ended. */
  calls(): Promise<Called[]> {
    return Promise.resolve(recordedCalls(this.folder));
  }

  /** The calls since the last time that this was asked. */
  async newCalls(): Promise<Called[]> {
    const calls = (await this.calls()).slice(this.#seen);
    this.#seen += calls.length;
    return calls;
  }

  /** Those of the new calls that have changed something. */
  async newWork(): Promise<Called[]> {
    return (await this.newCalls()).filter(
      ({ preview, method, outcome }) => !preview && outcome === "done" && !["read", "invoke"].includes(method),
    );
  }

  /** What the program has asked of API servers itself but for looking, in that order. */
  get requests(): readonly Request[] {
    return this.#requests.filter(({ method, path }) => method !== "GET" && !path.endsWith("?dryRun=All"));
  }
}

/**
 * The selectors of the Secrets in istio-system that the program itself had deleted: Helm's records of releases. Anything else
 * that it asked for is there as it was asked.
 */
export function forgotten({ requests }: World): string[] {
  const secrets = "DELETE /api/v1/namespaces/istio-system/secrets?labelSelector=";
  return requests
    .map(({ cluster, method, path }) => `${cluster} ${`${method} ${path}`.replaceAll("+", " ").replace(secrets, "")}`)
    .sort();
}
