import { Cluster, type ClusterReader } from "../../../checks/inventory";
import { unreadTrust } from "../../../istio";
import { Unreachable } from "../../../kubernetes";

/** Objects by their path, lists by that of all namespaces; an error is what the API server refuses a path with. */
export type Recorded = Readonly<Record<string, object>>;

/** A cluster that has the recorded objects, and nothing else. An object is also found in the list that it stands in. */
export function fakeCluster(name: string, recorded: Recorded, overrides: Partial<ClusterReader> = {}): Cluster {
  const refuse = () => Promise.reject(new Unreachable("not played here"));
  const look: ClusterReader = {
    get: (path) => answer(() => objectAt(recorded, path)),
    items: (path) => answer(() => itemsAt(recorded, path)),
    text: refuse,
    review: refuse,
    clock: () => Promise.resolve({ server: new Date(), asked: new Date(), answered: new Date() }),
    fromPod: refuse,
    run: refuse,
    issuer: refuse,
    facts: refuse,
    trust: () => Promise.resolve(unreadTrust(name)),
    ...overrides,
  };
  return new Cluster(name, undefined, look);
}

/** A node that runs pods. */
export const realNode = {
  metadata: { name: "node" },
  spec: {},
  status: { nodeInfo: { kubeletVersion: "v1.34.4" }, conditions: [{ type: "Ready", status: "True" }] },
};

/** A node of a kwok cluster. */
export const hollowNode = { ...realNode, status: { ...realNode.status, nodeInfo: { kubeletVersion: "kwok-v0.8.0" } } };

async function answer<Result>(find: () => Result): Promise<Result> {
  return Promise.resolve().then(find);
}

function at(recorded: Recorded, path: string): object | undefined {
  const found = recorded[path];
  if (found instanceof Error) {
    throw found;
  }
  return found;
}

function objectAt(recorded: Recorded, path: string): unknown {
  const [, list = "", name = ""] = /^(.*)\/([^/]+)$/.exec(path) ?? [];
  return at(recorded, path) ?? itemsAt(recorded, list)?.find((item) => fieldOf(item, "metadata.name") === name);
}

/** The items of a list, with its selectors applied: `key=value` of labels and of fields. */
function itemsAt(recorded: Recorded, path: string): unknown[] | undefined {
  const [list = "", query] = path.split("?");
  const [, group = "", namespace = "", kind = ""] = /^(.*)\/namespaces\/([^/]+)\/([^/]+)$/.exec(list) ?? [];
  const own = at(recorded, list);
  const all = own ?? (kind === "" ? undefined : at(recorded, `${group}/${kind}`));
  if (!Array.isArray(all)) {
    return undefined;
  }
  const parameters = new URLSearchParams(query);
  const wanted: (readonly [field: string, value: string])[] = [
    ...(own === undefined ? [["metadata.namespace", namespace] as const] : []),
    ...pairs(parameters.get("labelSelector")).map(([key, value]) => [`metadata.labels ${key}`, value] as const),
    ...pairs(parameters.get("fieldSelector")),
  ];
  return (all as unknown[]).filter((item) => wanted.every(([field, value]) => fieldOf(item, field) === value));
}

function pairs(selector: string | null): [key: string, value: string][] {
  return (selector ?? "")
    .split(",")
    .filter((pair) => pair !== "")
    .map((pair) => {
      const [key = "", value = ""] = pair.split("=");
      return [key, value];
    });
}

/** What is at a field, by its names with dots in between; a last one with dots in it comes after a space. */
function fieldOf(item: unknown, field: string): unknown {
  const [path = "", label] = field.split(" ");
  return [...path.split("."), ...(label === undefined ? [] : [label])].reduce<unknown>(
    (value, key) => (value instanceof Object ? (value as Readonly<Record<string, unknown>>)[key] : undefined),
    item,
  );
}
