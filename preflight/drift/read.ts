import { z } from "zod";
import { type Access, ApiServer, Forbidden, helmRecord, type KubernetesObject, Unreachable } from "../../kubernetes";
import { type Datum, known, unavailable } from "../datum";
import type { DeclaredCluster, DeclaredRelease } from "./declared";
import { objectsIn } from "./manifest";

/** What a cluster has of what a stack has declared in it. */
export interface LiveCluster {
  /** By {@link nameOf}; undefined where it is missing. */
  readonly objects: ReadonlyMap<string, unknown>;
  /** Why whoever asks may not see an object, by {@link nameOf}. */
  readonly hidden: ReadonlyMap<string, string>;
  /** By resource key; a release whose records may not be read is not among them. */
  readonly releases: ReadonlyMap<string, LiveRelease>;
}

export interface LiveRelease {
  /** What the stack's last revision consists of. */
  readonly objects: readonly KubernetesObject[];
  /** Whether Helm has a record that an upgrade can begin with. */
  readonly recorded: boolean;
  /** The status of its last change, if that failed or was interrupted. */
  readonly unfinished?: string;
}

/** How long an API server may take to answer, in milliseconds: a plan can do without it. */
const patience = 5000;
/** How many questions are asked at a time. */
const atOnce = 8;

const Resources = z.object({
  resources: z.array(z.object({ name: z.string(), kind: z.string(), namespaced: z.boolean() })),
});
const HelmSecret = z.object({ data: z.object({ release: z.string() }) });
const Revision = z.object({ manifest: z.string().default("") });
const Records = z.object({
  items: z
    .array(z.object({ metadata: z.object({ name: z.string(), labels: z.record(z.string(), z.string()).default({}) }) }))
    .nullish(),
});

/** What tells an object from others in its cluster. */
export function nameOf({ apiVersion, kind, metadata }: KubernetesObject): string {
  return `${apiVersion} ${kind} ${metadata.namespace ?? ""}/${metadata.name}`;
}

/** Reads what a cluster has of what was declared in it; changes nothing, and never throws. */
export async function readLive(access: Access, declared: DeclaredCluster): Promise<Datum<LiveCluster>> {
  try {
    const server = await ApiServer.open(access, patience);
    const hidden = new Map<string, string>();
    const found = await sideBySide(declared.releases, async (release) => {
      const title = `Helm release ${release.namespace}/${release.name}`;
      const read = await permitted(hidden, title, () => readRelease(server, release));
      return read === undefined ? [] : [[release.resource, read] as const];
    });
    const releases = new Map(found.flat());
    const objects = [
      ...declared.objects.map(({ object }) => object),
      ...[...releases.values()].flatMap((release) => release.objects),
    ];
    const paths = await pathsOf(server, objects);
    const live = await sideBySide(objects, async (object) => {
      const [name, path] = [nameOf(object), paths(object)];
      return [name, path === undefined ? undefined : await permitted(hidden, name, () => server.get(path))] as const;
    });
    return known({ objects: new Map(live), hidden, releases });
  } catch (error) {
    if (error instanceof Unreachable || error instanceof Forbidden) {
      return unavailable(error.message);
    }
    throw error;
  }
}

/** One thing that may not be seen does not keep the others from being compared. */
async function permitted<Value>(
  hidden: Map<string, string>,
  name: string,
  ask: () => Promise<Value>,
): Promise<Value | undefined> {
  try {
    return await ask();
  } catch (error) {
    if (!(error instanceof Forbidden)) {
      throw error;
    }
    hidden.set(name, error.message);
    return undefined;
  }
}

/** What an upgrade can begin with. */
const usable = ["deployed", "failed", "superseded"];

async function readRelease(server: ApiServer, release: DeclaredRelease): Promise<LiveRelease> {
  const { name, namespace, revision } = release;
  const secrets = `/api/v1/namespaces/${namespace}/secrets`;
  // Metadata alone: Helm's labels tell the status of each revision.
  const selector = encodeURIComponent(`owner=helm,name=${name}`);
  const { items } = Records.parse((await server.list(`${secrets}?labelSelector=${selector}`)) ?? {});
  const records = (items ?? [])
    .map(({ metadata: { name: secret, labels } }) => ({
      secret,
      status: labels["status"] ?? "",
      version: Number(labels["version"] ?? 0),
    }))
    .toSorted((one, other) => other.version - one.version);
  // A failed one was rolled back, and somebody may have cleared the history.
  const own = records.find(
    ({ version, status }) => version === revision && ["deployed", "superseded"].includes(status),
  );
  const current = own ?? records.find(({ status }) => status === "deployed");
  const [last] = records;
  const unfinished = last !== undefined && /^(failed|pending-.*)$/.test(last.status) ? last.status : undefined;
  return {
    objects:
      current === undefined ? [] : objectsIn(await manifestOf(server, `${secrets}/${current.secret}`), namespace),
    recorded: records.some(({ status }) => usable.includes(status)),
    ...(unfinished !== undefined && { unfinished }),
  };
}

async function manifestOf(server: ApiServer, path: string): Promise<string> {
  const found = HelmSecret.safeParse(await server.get(path)).data;
  const text = found && Buffer.from(found.data.release, "base64").toString("utf8");
  return Revision.safeParse(helmRecord(text)).data?.manifest ?? "";
}

/** Where objects are; a kind that the API server does not know is nowhere. */
async function pathsOf(
  server: ApiServer,
  objects: readonly KubernetesObject[],
): Promise<(object: KubernetesObject) => string | undefined> {
  const root = (apiVersion: string) => (apiVersion.includes("/") ? `/apis/${apiVersion}` : `/api/${apiVersion}`);
  const versions = [...new Set(objects.map(({ apiVersion }) => apiVersion))];
  const kinds = new Map(
    await sideBySide(versions, async (apiVersion) => {
      const { resources } = Resources.parse((await server.get(root(apiVersion))) ?? { resources: [] });
      return [apiVersion, resources] as const;
    }),
  );
  return ({ apiVersion, kind, metadata: { name, namespace = "default" } }) => {
    const found = kinds.get(apiVersion)?.find((one) => one.kind === kind && !one.name.includes("/"));
    return (
      found &&
      `${root(apiVersion)}${found.namespaced ? `/namespaces/${encodeURIComponent(namespace)}` : ""}/${found.name}/${encodeURIComponent(name)}`
    );
  };
}

/** Asks a few things at a time, in order. */
async function sideBySide<Item, Result>(
  items: readonly Item[],
  ask: (item: Item) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = [];
  const waiting = items.entries();
  await Promise.all(
    Array.from({ length: atOnce }, async () => {
      for (const [index, item] of waiting) {
        results[index] = await ask(item);
      }
    }),
  );
  return results;
}
