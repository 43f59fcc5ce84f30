import { z } from "zod";
import { type ApiServer, Forbidden } from "../../kubernetes";
import { bundleAnnotation, channelAnnotation, gatewayGroup } from "../gateway-api";
import { managerOf, readGuards } from "./definition-managers";
import type { ExistingDefinition, Inventory, ExistingNamespace, ObjectReference } from "./types";

/** What to read of a cluster. */
export interface InventoryRequest {
  readonly namespaces: readonly string[];
  readonly objects: readonly ObjectReference[];
  /** What others have to have made. */
  readonly awaited: readonly ObjectReference[];
  /** Whether to read the Secret `istio-system/cacerts`. */
  readonly cacerts: boolean;
}

/** Go writes null for an empty list or map. */
const Texts = z
  .record(z.string(), z.string())
  .nullish()
  .transform((texts) => texts ?? {});
const Metadata = z.object({
  name: z.string(),
  namespace: z.string().optional(),
  uid: z.string().optional(),
  labels: Texts,
  annotations: Texts,
  deletionTimestamp: z.string().optional(),
});
type Metadata = z.infer<typeof Metadata>;
const One = z.object({ metadata: Metadata });
const Many = z.object({
  items: z
    .array(One)
    .nullish()
    .transform((items) => items ?? []),
});
const Resources = z.object({ resources: z.array(z.object({ name: z.string() })).default([]) });

/**
 * Reads what a cluster has of a mesh; changes nothing.
 *
 * @throws Unreachable, Forbidden
 */
export async function readInventory(server: ApiServer, request: InventoryRequest): Promise<Inventory> {
  const [namespaces, definitions, guards, releases, istiods, objects, awaited, links, uid, cacerts] = await Promise.all(
    [
      readNamespaces(server, request.namespaces),
      readDefinitions(server),
      readGuards(server),
      readReleases(server),
      list(server, "/apis/apps/v1/deployments?labelSelector=app%3Distiod"),
      readObjects(server, request.objects),
      readObjects(server, request.awaited),
      readLinks(server),
      readUid(server),
      request.cacerts
        ? within(server, "istio-system", () => server.secret("istio-system", "cacerts"), undefined)
        : undefined,
    ],
  );
  return {
    namespaces,
    definitions,
    guards,
    releases,
    istiods: new Set(istiods.map(({ namespace = "", name }) => `${namespace}/${name}`)),
    objects,
    lacks: request.awaited.filter((object) => !awaited.includes(object)),
    links,
    uid,
    ...(cacerts && { cacerts }),
  };
}

async function readNamespaces(server: ApiServer, names: readonly string[]): Promise<Inventory["namespaces"]> {
  const found = await Promise.all(
    names.map(async (name): Promise<[string, ExistingNamespace][]> => {
      const namespace = await server.metadata(`/api/v1/namespaces/${name}`);
      if (namespace === undefined) {
        return [];
      }
      const { labels, deletionTimestamp } = One.parse(namespace).metadata;
      return [[name, { labels, terminating: deletionTimestamp !== undefined }]];
    }),
  );
  return new Map(found.flat());
}

async function readDefinitions(server: ApiServer): Promise<Inventory["definitions"]> {
  const definitions = await list(server, "/apis/apiextensions.k8s.io/v1/customresourcedefinitions");
  const interesting = definitions.filter(({ name }) => name.endsWith(`.${gatewayGroup}`) || name.endsWith(".istio.io"));
  const resources = interesting.some(({ name }) => name.endsWith(`.${gatewayGroup}`))
    ? Resources.parse((await server.get(`/apis/${gatewayGroup}/v1`)) ?? {}).resources
    : [];
  const served = new Set(resources.map(({ name }) => `${name}.${gatewayGroup}`));
  return new Map(
    interesting.map(({ name, annotations, labels }): [string, ExistingDefinition] => {
      const bundle = annotations[bundleAnnotation];
      const channel = annotations[channelAnnotation];
      const manager = managerOf(annotations, labels);
      const release = annotations["meta.helm.sh/release-name"];
      return [
        name,
        {
          servesV1: served.has(name),
          ...(bundle !== undefined && { bundle }),
          ...(channel !== undefined && { channel }),
          ...(manager && { manager }),
          ...(release !== undefined && {
            release: `${annotations["meta.helm.sh/release-namespace"] ?? ""}/${release}`,
          }),
        },
      ];
    }),
  );
}

/** Helm keeps each revision of a release in a Secret. Pending ones are left out: helm.ts clears them. */
async function readReleases(server: ApiServer): Promise<Inventory["releases"]> {
  const selector = encodeURIComponent("owner=helm,status in (deployed,failed,superseded,uninstalling)");
  const records = await Promise.all(
    ["istio-system", "istio-eastwest"].map((namespace) =>
      within(
        server,
        namespace,
        () => list(server, `/api/v1/namespaces/${namespace}/secrets?labelSelector=${selector}`),
        [],
      ),
    ),
  );
  return new Set(records.flat().map(({ namespace = "", labels }) => `${namespace}/${labels["name"] ?? ""}`));
}

async function readObjects(server: ApiServer, objects: readonly ObjectReference[]): Promise<ObjectReference[]> {
  const found = await Promise.all(
    objects.map(async (object) => {
      const { namespace } = object;
      const read = () => server.metadata(pathOf(object));
      const there = await (namespace === undefined ? read() : within(server, namespace, read, undefined));
      return there === undefined ? [] : [object];
    }),
  );
  return found.flat();
}

/** Peer Gateways have these names by the vendor's convention; remote Secrets are known by their label. */
async function readLinks(server: ApiServer): Promise<ObjectReference[]> {
  const [gateways, secrets] = await Promise.all([
    list(server, `/apis/${gatewayGroup}/v1/namespaces/istio-eastwest/gateways`),
    within(
      server,
      "istio-system",
      () => list(server, "/api/v1/namespaces/istio-system/secrets?labelSelector=istio%2FmultiCluster%3Dtrue"),
      [],
    ),
  ]);
  const reference =
    (apiVersion: string, kind: string) =>
    (metadata: Metadata): ObjectReference => ({
      apiVersion,
      kind,
      ...(metadata.namespace !== undefined && { namespace: metadata.namespace }),
      name: metadata.name,
    });
  return [
    ...gateways
      .filter(({ name }) => name.startsWith("istio-remote-peer-"))
      .map(reference(`${gatewayGroup}/v1`, "Gateway")),
    ...secrets.map(reference("v1", "Secret")),
  ];
}

async function readUid(server: ApiServer): Promise<string | undefined> {
  const namespace = await server.metadata("/api/v1/namespaces/kube-system");
  return namespace === undefined ? undefined : One.parse(namespace).metadata.uid;
}

/** The path of an object. The plural is formed by adding an s, which fits the kinds that are read here. */
function pathOf({ apiVersion, kind, namespace, name }: ObjectReference): string {
  const root = apiVersion.includes("/") ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
  const within = namespace === undefined ? "" : `/namespaces/${namespace}`;
  return `${root}${within}/${kind.toLowerCase()}s/${name}`;
}

/**
 * Reads something of a namespace. A role that is bound in the namespace alone can't be bound before there is one: where there is none,
 * being refused means that nothing is there.
 */
async function within<Value>(
  server: ApiServer,
  namespace: string,
  read: () => Promise<Value>,
  nothing: Value,
): Promise<Value> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof Forbidden && (await server.metadata(`/api/v1/namespaces/${namespace}`)) === undefined) {
      return nothing;
    }
    throw error;
  }
}

async function list(server: ApiServer, path: string): Promise<Metadata[]> {
  return Many.parse((await server.list(path)) ?? {}).items.map(({ metadata }) => metadata);
}
