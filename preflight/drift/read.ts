import { z } from "zod";
import {
  type Access,
  ApiServer,
  Forbidden,
  helmRecord,
  type KubernetesObject,
  objectPaths,
  Unreachable,
  usableRecords,
} from "../../kubernetes";
import { type Datum, known, unavailable } from "../datum";
import { differences, fieldsOf, isMap } from "./compare";
import type { DeclaredCluster, DeclaredRelease } from "./declared";
import { objectsIn } from "./manifest";

/** What a cluster has of what a stack has declared in it. */
export interface LiveCluster {
  /** By {@link nameOf}; undefined where it is missing. */
  readonly objects: ReadonlyMap<string, unknown>;
  /**
   * What the API server would store if it were given anew what differs, by {@link nameOf}: webhooks and policies of a cluster may
   * change it each time. Undefined where that can't be told, as by somebody who may only read.
   */
  readonly trials: ReadonlyMap<string, unknown>;
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
    const pathOf = await objectPaths(
      server,
      objects.map(({ apiVersion }) => apiVersion),
    );
    const paths = (object: KubernetesObject) => pathOf({ ...object, ...object.metadata });
    const live = new Map(
      await sideBySide(objects, async (object) => {
        const [name, path] = [nameOf(object), paths(object)];
        return [name, path === undefined ? undefined : await permitted(hidden, name, () => server.get(path))] as const;
      }),
    );
    const changed = objects.filter((object) => differences(object, fieldsOf(live.get(nameOf(object)))).length > 0);
    const trials = await sideBySide(changed, async (object) => {
      const [name, path] = [nameOf(object), paths(object)];
      return [name, path && isMap(live.get(name)) ? await trial(server, path, object) : undefined] as const;
    });
    return known({ objects: live, trials: new Map(trials), hidden, releases });
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

/** A webhook of the cluster may keep the API server waiting: that is no reason not to compare the rest. */
async function trial(server: ApiServer, path: string, object: KubernetesObject): Promise<unknown> {
  try {
    return await server.trial(path, object);
  } catch (error) {
    if (!(error instanceof Unreachable)) {
      throw error;
    }
    return undefined;
  }
}

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
    recorded: records.some(({ status }) => usableRecords.has(status)),
    ...(unfinished !== undefined && { unfinished }),
  };
}

async function manifestOf(server: ApiServer, path: string): Promise<string> {
  const found = HelmSecret.safeParse(await server.get(path)).data;
  const text = found && Buffer.from(found.data.release, "base64").toString("utf8");
  return Revision.safeParse(helmRecord(text)).data?.manifest ?? "";
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
