import type { ChartName, Path, Settings } from "../settings";
import { isSecret, pathText } from "../settings";
import { type LayeredValue, leavesOf } from "./layers";
import type { Place } from "./own";

/** Values by chart. */
type NamedValues = Record<ChartName, LayeredValue[]>;

/** A value of a chart, and the setting that it follows from, both by their keys. */
interface Named {
  readonly chart: ChartName;
  readonly path: readonly string[];
  readonly value: unknown;
  readonly setting: readonly string[];
}

/** What settings with names of their own say to the charts, the stack's first. */
export function namedValues(settings: Settings, places: readonly Place[]): NamedValues {
  const all: NamedValues = { base: [], istiod: [], cni: [], ztunnel: [], peering: [] };
  for (const place of places) {
    for (const { chart, path, value, setting } of valuesOf(place, settings)) {
      const at: Path = [...place.path, ...setting];
      all[chart].push({ path, value, origin: pathText(at), secret: isSecret(at, settings.secretPaths) });
    }
  }
  return all;
}

function valuesOf({ settings }: Place, stack: Settings): Named[] {
  return [
    ...ofIstiod(settings.istiod),
    ...ofZtunnel(settings.ztunnel),
    ...ofCni(settings.cni),
    ...ofProxy(settings.httpProxy, stack),
    ...ofAccessLogs(settings.accessLogs, stack),
    ...ofTracing(settings.tracing),
  ];
}

type ChartSettings = Place["settings"];

function ofIstiod(istiod: ChartSettings["istiod"] = {}): Named[] {
  const { replicas, autoscaling, podDisruptionBudget, priorityClassName } = istiod;
  const of = from("istiod", ["istiod"]);
  return [
    // One of the two can be the stack's, the other a cluster's, which counts.
    ...of("replicas", replicas, ["replicaCount"]),
    ...of("replicas", replicas && false, ["autoscaleEnabled"]),
    ...of("autoscaling", autoscaling && true, ["autoscaleEnabled"]),
    ...of("autoscaling", autoscaling?.minReplicas, ["autoscaleMin"]),
    ...of("autoscaling", autoscaling?.maxReplicas, ["autoscaleMax"]),
    ...of("autoscaling", autoscaling?.targetCPUUtilizationPercentage, ["cpu", "targetAverageUtilization"]),
    ...of("podDisruptionBudget", podDisruptionBudget && true, ["global", "defaultPodDisruptionBudget", "enabled"]),
    // A chart that is given maxUnavailable leaves out its own minAvailable.
    ...(podDisruptionBudget
      ? Object.entries(podDisruptionBudget).flatMap(([key, value]) => of("podDisruptionBudget", value, ["pdb", key]))
      : []),
    ...placement(of, istiod),
    ...of("priorityClassName", priorityClassName, ["global", "priorityClassName"]),
  ];
}

function ofZtunnel(ztunnel: ChartSettings["ztunnel"] = {}): Named[] {
  return placement(from("ztunnel", ["ztunnel"]), ztunnel);
}

function ofCni(cni: ChartSettings["cni"] = {}): Named[] {
  const of = from("cni", ["cni"]);
  return [
    ...placement(of, cni),
    ...of("binDir", cni.binDir, ["cniBinDir"]),
    ...of("confDir", cni.confDir, ["cniConfDir"]),
    ...of("confFileName", cni.confFileName, ["cniConfFileName"]),
    ...of("netnsDir", cni.netnsDir, ["cniNetnsDir"]),
  ];
}

/** What istiod calls inside a cluster: its own API server, by the address that each pod is told, and Services. */
const inCluster = ["$(KUBERNETES_SERVICE_HOST)", "localhost", "127.0.0.1", ".svc", ".cluster.local"];

function ofProxy(proxy: ChartSettings["httpProxy"], stack: Settings): Named[] {
  if (proxy === undefined) {
    return [];
  }
  const subnets = stack.clusters.flatMap(({ podSubnet, serviceSubnet }) => [podSubnet, serviceSubnet]);
  const direct = [...inCluster, ...subnets.filter((subnet) => subnet !== undefined), ...apiServers(stack)];
  const of = from("istiod", ["httpProxy"]);
  return [
    ...of("http", proxy.http, ["env", "HTTP_PROXY"]),
    ...of("https", proxy.https, ["env", "HTTPS_PROXY"]),
    ...of("noProxy", [...new Set([...direct, ...proxy.noProxy])].join(","), ["env", "NO_PROXY"]),
  ];
}

/** Control planes of the community distribution read the API servers of other clusters. */
function apiServers({ clusters }: Settings): string[] {
  return clusters.flatMap((cluster) =>
    cluster.provisioner === "existing" && cluster.apiServer !== undefined ? [new URL(cluster.apiServer).hostname] : [],
  );
}

function ofAccessLogs(accessLogs: ChartSettings["accessLogs"], { distribution }: Settings): Named[] {
  if (accessLogs === undefined) {
    return [];
  }
  const on = accessLogs !== false;
  const encoding = typeof accessLogs === "object" ? accessLogs.encoding : undefined;
  const [istiod, ztunnel] = [from("istiod", []), from("ztunnel", [])];
  return [
    ...istiod("accessLogs", on ? "/dev/stdout" : "", ["meshConfig", "accessLogFile"]),
    ...istiod("accessLogs", encoding?.toUpperCase(), ["meshConfig", "accessLogEncoding"]),
    // ztunnel's log of connections is a part of its own log.
    ...ztunnel("accessLogs", on ? "info" : "info,access=off", ["logLevel"]),
    ...ztunnel("accessLogs", encoding && encoding === "json", ["logAsJson"]),
    ...(distribution === "solo" ? ztunnel("accessLogs", on, ["l7Telemetry", "accessLog", "enabled"]) : []),
  ];
}

/** Name of the tracing provider in the mesh's configuration. */
const provider = "flatmesh-tracing";

function ofTracing(tracing: ChartSettings["tracing"]): Named[] {
  if (tracing === undefined) {
    return [];
  }
  const { service, port, sampling } = tracing;
  const of = from("istiod", ["tracing"]);
  return [
    ...of("service", true, ["meshConfig", "enableTracing"]),
    ...of("service", [{ name: provider, opentelemetry: { service, port } }], ["meshConfig", "extensionProviders"]),
    ...of("service", [provider], ["meshConfig", "defaultProviders", "tracing"]),
    ...of("sampling", sampling, ["meshConfig", "defaultConfig", "tracing", "sampling"]),
  ];
}

type Of = (key: string, value: unknown, path: readonly string[]) => Named[];

/** Values of a chart that follow from keys of a setting; none where the key is left out. */
function from(chart: ChartName, setting: readonly string[]): Of {
  return (key, value, path) => (value === undefined ? [] : [{ chart, path, value, setting: [...setting, key] }]);
}

interface Placement {
  readonly resources?: unknown;
  readonly nodeSelector?: unknown;
  readonly tolerations?: unknown;
  readonly affinity?: unknown;
}

function placement(of: Of, { resources, nodeSelector, tolerations, affinity }: Placement): Named[] {
  return [
    ...flat(of, "resources", resources),
    ...flat(of, "nodeSelector", nodeSelector),
    ...of("tolerations", tolerations, ["tolerations"]),
    ...flat(of, "affinity", affinity),
  ];
}

/** A map is merged into what there is of it, like own values. */
function flat(of: Of, key: string, map: unknown): Named[] {
  return map === undefined
    ? []
    : leavesOf(map as Readonly<Record<string, unknown>>).flatMap(({ path, value }) => of(key, value, [key, ...path]));
}
