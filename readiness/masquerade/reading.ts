/** What of a cluster says whether something masquerades what its pods send. */
import { z } from "zod";
import { dataKey, namespaceName, objectName } from "../../kubernetes";

/** What it is read with: an object, or the items of a list, undefined where there is none. @throws Unreachable, Forbidden */
export interface MasqueradingReader {
  get(path: string): Promise<unknown>;
  items(path: string): Promise<readonly unknown[] | undefined>;
}

const listOf = <Item extends z.ZodType>(item: Item) =>
  z
    .array(item)
    .nullish()
    .transform((items) => items ?? []);

const Keys = z.object({ name: objectName, items: listOf(z.object({ key: dataKey })) });

const Daemon = z
  .object({
    metadata: z.object({ name: objectName, namespace: namespaceName }),
    spec: z.object({
      template: z.object({
        spec: z.object({
          containers: listOf(
            z.object({
              command: listOf(z.string()),
              args: listOf(z.string()),
              env: listOf(z.object({ name: z.string(), value: z.string().optional() })),
            }),
          ),
          volumes: listOf(
            z.object({
              configMap: Keys.partial().nullish(),
              projected: z.object({ sources: listOf(z.object({ configMap: Keys.partial().nullish() })) }).nullish(),
            }),
          ),
        }),
      }),
    }),
    status: z
      .object({ observedGeneration: z.number().default(0), desiredNumberScheduled: z.number().default(0) })
      .nullish(),
  })
  .transform(({ metadata, spec, status }) => {
    const { containers, volumes } = spec.template.spec;
    const mounted = volumes.flatMap(({ configMap, projected }) => [
      configMap,
      ...(projected?.sources ?? []).map((source) => source.configMap),
    ]);
    return {
      ...metadata,
      args: containers.flatMap(({ command, args }) => [...command, ...args]),
      env: new Map(containers.flatMap(({ env }) => env.map(({ name, value = "" }) => [name, value] as const))),
      /** The ConfigMaps that its pods mount, with the keys that become files; all of them where it names none. */
      configMaps: mounted.flatMap((one) =>
        one?.name === undefined ? [] : [{ name: one.name, keys: (one.items ?? []).map(({ key }) => key) }],
      ),
      /** Whether it runs anywhere: a cloud may install one for kinds of nodes that the cluster does not have. */
      runs:
        status === undefined || status === null || status.observedGeneration === 0 || status.desiredNumberScheduled > 0,
    };
  });
export type Daemon = z.output<typeof Daemon>;

const ConfigMap = z.object({ data: z.record(dataKey, z.string()).nullish() });

const IpPool = z
  .object({
    metadata: z.object({ name: objectName }),
    spec: z.object({
      cidr: z.string(),
      natOutgoing: z.boolean().default(false),
      disabled: z.boolean().default(false),
      allowedUses: listOf(z.string()),
    }),
  })
  .transform(({ metadata, spec }) => ({ ...metadata, ...spec }));
export type IpPool = z.output<typeof IpPool>;

const Node = z.object({
  status: z.object({ addresses: listOf(z.object({ type: z.string(), address: z.string() })) }).nullish(),
});

/** What a cluster has of what is known to masquerade. */
export interface Masquerading {
  /** Those of the names in {@link known}. */
  readonly daemons: readonly Daemon[];
  /** What the ConfigMaps hold that these read their settings from, by `<namespace>/<name>`; those that are not there are left out. */
  readonly configMaps: ReadonlyMap<string, Readonly<Record<string, string>>>;
  /** Calico's, with the version of the API that serves them; undefined without Calico. */
  readonly pools: { readonly api: string; readonly items: readonly IpPool[] } | undefined;
  /** Addresses of the nodes, where these say something of the network around them; otherwise none. */
  readonly nodeAddresses: readonly string[];
}

/** DaemonSets, by the name that their own manifests give them. */
const known = {
  agent: /^(?:azure-)?ip-masq-agent$/,
  calico: /^(?:calico-node|canal)$/,
  flannel: /^(?:kube-flannel(?:-ds)?(?:-amd64)?|canal)$/,
  others: /^(?:aws-node|kindnet|kube-router|antrea-agent)$/,
};

/** Calico's pools: as its own API serves them, or else the definitions behind that. */
const poolApis = ["projectcalico.org/v3", "crd.projectcalico.org/v1"];

/** @throws Unreachable, Forbidden, ZodError */
export async function readMasquerading(reader: MasqueradingReader): Promise<Masquerading> {
  const [all, cilium] = await Promise.all([
    reader.items("/apis/apps/v1/daemonsets"),
    reader.get("/api/v1/namespaces/kube-system/configmaps/cilium-config"),
  ]);
  const daemons = (all ?? [])
    .filter((item) => Object.values(known).some((names) => names.test(nameOf(item))))
    .map((item) => Daemon.parse(item))
    .filter(({ runs }) => runs);
  const has = (names: RegExp) => daemons.filter(({ name }) => names.test(name));
  const wanted = [
    ...has(known.agent).flatMap(({ namespace, configMaps }) =>
      (configMaps.length > 0 ? configMaps : [{ name: "ip-masq-agent" }]).map(({ name }) => `${namespace}/${name}`),
    ),
    ...(cilium === undefined ? [] : ["kube-system/ip-masq-agent"]),
    ...has(known.flannel).map(({ namespace }) => `${namespace}/kube-flannel-cfg`),
    ...has(/^antrea-agent$/).flatMap(({ namespace, configMaps }) =>
      configMaps.map(({ name }) => `${namespace}/${name}`),
    ),
  ];
  const read = await Promise.all(
    [...new Set(wanted)].map(async (path) => {
      const [namespace = "", name = ""] = path.split("/");
      return [path, await reader.get(`/api/v1/namespaces/${namespace}/configmaps/${name}`)] as const;
    }),
  );
  const found = [...read, ["kube-system/cilium-config", cilium] as const];
  const aroundNodes = has(/^aws-node$/).length > 0 || cilium !== undefined;
  return {
    daemons,
    configMaps: new Map(
      found.flatMap(([path, object]) =>
        object === undefined ? [] : [[path, ConfigMap.parse(object).data ?? {}] as const],
      ),
    ),
    pools: has(known.calico).length > 0 ? await readPools(reader) : undefined,
    nodeAddresses: aroundNodes ? await readNodeAddresses(reader) : [],
  };
}

function nameOf(item: unknown): string {
  return z.object({ metadata: z.object({ name: z.string() }) }).safeParse(item).data?.metadata.name ?? "";
}

async function readPools(reader: MasqueradingReader): Promise<Masquerading["pools"]> {
  for (const api of poolApis) {
    const items = await reader.items(`/apis/${api}/ippools`);
    if (items !== undefined && items.length > 0) {
      return { api, items: items.map((item) => IpPool.parse(item)) };
    }
  }
  return undefined;
}

async function readNodeAddresses(reader: MasqueradingReader): Promise<string[]> {
  const nodes = (await reader.items("/api/v1/nodes")) ?? [];
  return nodes
    .flatMap((item) => Node.parse(item).status?.addresses ?? [])
    .flatMap(({ type, address }) => (type === "InternalIP" ? [address] : []));
}
