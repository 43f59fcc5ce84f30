/** Clusters for what readiness/ judges, by the answers of their API servers. */
import { Forbidden } from "../../../kubernetes";
import {
  type Concern,
  defaultWorkloads,
  type FactsReader,
  installPlan,
  type InstallPlan,
  judgeFacts,
  readFacts,
} from "../../../readiness";
import { parse } from "../settings/config";

/** A cluster by its objects and lists, and what it says of pods that it is asked to create. */
export interface World {
  readonly objects?: Readonly<Record<string, object>>;
  readonly lists?: Readonly<Record<string, readonly object[]>>;
  /** By kind; others are created. */
  readonly denials?: Readonly<Record<string, readonly [status: number, message: string]>>;
  readonly forbidden?: readonly string[];
}

export const settings = parse({ demo: true });
export const plan = installPlan(
  settings,
  { podSubnet: "10.10.0.0/16", serviceSubnet: "10.255.10.0/24" },
  defaultWorkloads,
);

export function readerOf({ objects = {}, lists = {}, denials = {}, forbidden = [] }: World): FactsReader {
  const found = (path: string) => {
    if (forbidden.includes(path)) {
      return Promise.reject(new Forbidden(`cannot list ${path}`));
    }
    const [plain = ""] = path.split("?");
    return Promise.resolve(objects[path] ?? (lists[plain] && { items: lists[plain] }));
  };
  return {
    get: found,
    metadata: found,
    firstPage: async (path) => {
      const page = (await found(path)) as { readonly items: readonly object[] } | undefined;
      return page && { ...page, remaining: 0 };
    },
    dryRun: (path, object) => {
      const { kind } = object as { readonly kind: string };
      const namespace = /namespaces\/([^/]+)\//.exec(path)?.[1] ?? "";
      const [status, message] = denials[`${kind} ${namespace}`] ?? denials[kind] ?? [201, ""];
      return Promise.resolve({ status, message });
    },
  };
}

export async function judged(world: World, of: InstallPlan = plan): Promise<Concern[]> {
  return judgeFacts(await readFacts(readerOf(world), of), of);
}

export const told = (concerns: readonly Concern[]) =>
  concerns.map(({ topic, severity, message, remedy }) => `${severity} ${topic}: ${message}. ${remedy}`);

export const namespace = (name: string, labels: object = {}) => ({ metadata: { name, labels } });

/** A cluster with these namespaces. */
export function withNamespaces(...namespaces: readonly { readonly metadata: { readonly name: string } }[]): World {
  return {
    objects: Object.fromEntries(namespaces.map((one) => [`/api/v1/namespaces/${one.metadata.name}`, one])),
    lists: { "/api/v1/namespaces": namespaces },
  };
}
export const system = withNamespaces(namespace("istio-system"));
export const withList = (path: string, ...items: readonly object[]): World => ({
  ...system,
  lists: { ...system.lists, [path]: items },
});
