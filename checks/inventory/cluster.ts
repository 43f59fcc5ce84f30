import type { X509Certificate } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import type { z } from "zod";
import { issuerOf, type TrustState, readTrust, unreadTrust } from "../../istio";
import {
  type Access,
  ApiServer,
  type Clock,
  getFromPod,
  type Place,
  type PodPort,
  reasonOf,
  runInPod,
  Unreachable,
} from "../../kubernetes";
import { type Facts, type InstallPlan, readFacts } from "../../readiness";
import { Deployment, type Node, nodes, Pod, secretFiles } from "./objects";

/** Reads a cluster; {@link Cluster} sends each request once, however many checks need the answer. */
export interface ClusterReader {
  /** The object at a path, undefined where there is none. @throws Unreachable, Forbidden */
  get(path: string): Promise<unknown>;
  /** The objects of a list, undefined where the kind is not known. @throws Unreachable, Forbidden */
  items(path: string): Promise<readonly unknown[] | undefined>;
  /** Plain text, such as a log; requested each time. @throws Unreachable, Forbidden */
  text(path: string): Promise<string | undefined>;
  /** @throws Unreachable, Forbidden */
  review(path: string, question: object): Promise<unknown>;
  /** @throws Unreachable */
  clock(): Promise<Clock>;
  /** What a pod answers with over HTTP: what its JSON says, or text. @throws Unreachable */
  fromPod(place: PodPort, path: string): Promise<unknown>;
  /** What a command in a pod prints. @throws Unreachable */
  run(place: Place, command: readonly string[], patience: number): Promise<string>;
  /** The authority above the certificate that a pod serves with over TLS. @throws Unreachable */
  issuer(place: PodPort): Promise<X509Certificate | undefined>;
  /** What the cluster is like, to judge whether it is fit for a mesh. It marks what could not be read. @throws Unreachable */
  facts(plan: InstallPlan): Promise<Facts>;
  /** What the cluster signs with, and what its workloads have of it. Never throws: it lists what could not be read. */
  trust(): Promise<TrustState>;
}

/** A cluster of a mesh, to be read. */
export class Cluster {
  readonly #asked = new Map<string, Promise<unknown>>();

  /**
   * @param name The mesh's name of it.
   * @param access How it is reached; undefined if it can't be.
   * @param reader Reads it.
   */
  constructor(
    readonly name: string,
    readonly access: Access | undefined,
    private readonly reader: ClusterReader,
  ) {}

  /** The cluster that an access leads to. */
  static at(name: string, access: Access): Cluster {
    return new Cluster(name, access, readerOf(name, access));
  }

  /** The object at a path, such as `/api/v1/namespaces/demo`; undefined where there is none. */
  async get<Schema extends z.ZodType>(path: string, schema: Schema): Promise<z.output<Schema> | undefined> {
    const found = await this.once(`get ${path}`, () => this.reader.get(path));
    return found === undefined ? undefined : schema.parse(found);
  }

  /** The objects of a list, such as `/api/v1/pods`; none where the API server does not know the kind. */
  async list<Schema extends z.ZodType>(path: string, schema: Schema): Promise<z.output<Schema>[]> {
    const found = (await this.once(`list ${path}`, () => this.reader.items(path))) as readonly unknown[] | undefined;
    return (found ?? []).map((item) => schema.parse(item));
  }

  text(path: string): Promise<string | undefined> {
    return this.reader.text(path);
  }

  review(path: string, question: object): Promise<unknown> {
    return this.reader.review(path, question);
  }

  clock(): Promise<Clock> {
    return this.reader.clock();
  }

  fromPod(place: PodPort, path: string): Promise<unknown> {
    return this.once(`pod ${JSON.stringify(place)} ${path}`, () => this.reader.fromPod(place, path));
  }

  run(place: Place, command: readonly string[], patience = 60_000): Promise<string> {
    return this.reader.run(place, command, patience);
  }

  issuer(place: PodPort): Promise<X509Certificate | undefined> {
    return this.reader.issuer(place);
  }

  /** What it is like; all checks of a run have the same plan. */
  facts(plan: InstallPlan): Promise<Facts> {
    return this.once("facts", () => this.reader.facts(plan)) as Promise<Facts>;
  }

  trust(): Promise<TrustState> {
    return this.once("trust", () => this.reader.trust()) as Promise<TrustState>;
  }

  nodes(): Promise<Node[]> {
    return nodes(this);
  }

  /** Whether no node of it runs anything: those of kwok clusters only say so. */
  async isHollow(): Promise<boolean> {
    const all = await this.nodes();
    return all.length > 0 && all.every(({ hollow }) => hollow);
  }

  /** Pods that are not on their way out. */
  async pods(): Promise<Pod[]> {
    const pods = await this.list("/api/v1/pods", Pod);
    return pods.filter(
      ({ metadata, status }) =>
        metadata.deletionTimestamp === undefined && !["Succeeded", "Failed"].includes(status.phase),
    );
  }

  /** Deployments of istiod, whatever namespace they are in. */
  istiods(): Promise<Deployment[]> {
    return this.list("/apis/apps/v1/deployments?labelSelector=app%3Distiod", Deployment);
  }

  /** The distribution of its istiod; undefined where there is no istiod. */
  async distribution(): Promise<"solo" | "community" | undefined> {
    const [istiod] = await this.istiods();
    if (istiod === undefined) {
      return undefined;
    }
    const solo = istiod.containers.some(
      ({ image, env }) =>
        /-solo\b/.test(image) || env.has("ENABLE_PEERING_DISCOVERY") || env.has("PEERING_ENABLE_FLAT_NETWORKS"),
    );
    return solo ? "solo" : "community";
  }

  /** What a Secret holds, in the clear; undefined where there is none. */
  async secret(namespace: string, name: string): Promise<Readonly<Record<string, string>> | undefined> {
    return this.get(`/api/v1/namespaces/${namespace}/secrets/${name}`, secretFiles);
  }

  private once(key: string, ask: () => Promise<unknown>): Promise<unknown> {
    const asked = this.#asked.get(key) ?? ask();
    this.#asked.set(key, asked);
    return asked;
  }
}

/** How long an API server may take for its first answer, in milliseconds. */
const firstPatience = 5000;

function readerOf(name: string, access: Access): ClusterReader {
  let opened: Promise<ApiServer> | undefined;
  const server = () => (opened ??= openAnswering(access));
  return {
    get: async (path) => (await server()).get(path),
    items: async (path) => (await server()).items(path),
    text: async (path) => (await server()).text(path),
    review: async (path, question) => (await server()).review(path, question),
    clock: async () => (await server()).clock(),
    fromPod: async (place, path) => {
      await server();
      return getFromPod(access, place, path);
    },
    run: async (place, command, patience) => {
      await server();
      return runInPod(access, place, command, patience);
    },
    issuer: async (place) => {
      await server();
      return issuerOf(access, place);
    },
    facts: async (plan) => readFacts(await server(), plan),
    // It says itself what could not be read.
    trust: async () => {
      try {
        await server();
      } catch (error) {
        return unreadTrust(name, reasonOf(error));
      }
      return readTrust(name, access);
    },
  };
}

/**
 * Opens an API server once it has answered: one that does not is waited for once, and not by every request of every check.
 *
 * @throws Unreachable
 */
async function openAnswering(access: Access): Promise<ApiServer> {
  const first = await ApiServer.open(access, firstPatience);
  const end = new AbortController();
  const late = sleep(firstPatience, undefined, { signal: end.signal }).then(() => {
    throw new Unreachable(`no answer within ${String(firstPatience / 1000)} seconds`);
  });
  late.catch(() => undefined);
  try {
    await Promise.race([first.ping(), late]);
  } finally {
    end.abort();
  }
  return ApiServer.open(access);
}
