import type { Check, FindingCollector } from "../check";
import { type Cluster, forEachCluster, objects } from "../inventory";
import { install, putBackValues } from "../remedies";

/** A variable of istiod that decides whether clusters find each other. */
interface Variable {
  readonly name: string;
  /** Whether a value is as it has to be; undefined where the variable is not set. */
  readonly fits: (value: string | undefined) => boolean;
  readonly required: string;
  readonly why: string;
  /** What sets it among istiod's Helm values; the variable itself where absent. */
  readonly value?: string;
}

const isTrue = (value: string | undefined): boolean => value?.toLowerCase() === "true";

const variables: Readonly<Record<"solo" | "community", readonly Variable[]>> = {
  solo: [
    {
      name: "ENABLE_PEERING_DISCOVERY",
      fits: isTrue,
      required: "true (the chart's platforms.peering.enabled)",
      why: "otherwise istiod discovers no peers",
      value: "platforms.peering.enabled=true",
    },
    {
      name: "PEERING_ENABLE_FLAT_NETWORKS",
      fits: isTrue,
      required: "true",
      why: "otherwise calls go through gateways, or stay local",
    },
    {
      name: "K8S_SELECT_WORKLOAD_ENTRIES",
      fits: (value) => value === undefined || isTrue(value),
      required: "true, or not set",
      why: "otherwise Services do not select pods of peers",
    },
    {
      name: "PILOT_ENABLE_K8S_SELECT_WORKLOAD_ENTRIES",
      fits: (value) => value === undefined || isTrue(value),
      required: "true, or not set",
      why: "otherwise Services do not select pods of peers",
    },
  ],
  community: [
    {
      name: "AMBIENT_ENABLE_MULTI_NETWORK",
      fits: isTrue,
      required: "true",
      why: "otherwise istiod does not send pods of other clusters to ztunnel",
    },
  ],
};

/** What both distributions need. */
const common: readonly Variable[] = [
  {
    name: "PILOT_ENABLE_AMBIENT",
    fits: isTrue,
    required: "true (the profile ambient)",
    why: "otherwise there is no ambient mesh",
    value: "profile=ambient",
  },
  {
    name: "PILOT_ENABLE_IP_AUTOALLOCATE",
    fits: (value) => value === undefined || isTrue(value),
    required: "true, or not set",
    why: "otherwise hosts of global services have no address",
  },
];

/** Whether istiod runs with the variables that a flat mesh relies on. */
export const environment: Check = {
  id: "istiod-environment",
  title: "istiod runs with the variables that a flat mesh needs",
  run: (mesh) =>
    forEachCluster(mesh, async (cluster, findings) => {
      const istiods = await cluster.istiods();
      if (istiods.length === 0) {
        findings.failed("istiod is not installed (no Deployment has the label app=istiod)", install);
      }
      const distribution = mesh.expected.distribution ?? (await cluster.distribution()) ?? "community";
      const hollow = await cluster.isHollow();
      for (const istiod of istiods) {
        const bad = [...common, ...variables[distribution]].filter(
          ({ name, fits }) => !fits(objects.variable(istiod, name)),
        );
        for (const variable of bad) {
          reportWrong(cluster, istiod, variable, hollow, findings);
        }
        if (!isTrue(objects.variable(istiod, "ISTIO_MULTIROOT_MESH"))) {
          findings.warning(
            `Deployment ${istiod.path} does not have ISTIO_MULTIROOT_MESH=true: its root can't be rotated without losing calls`,
            putBackValues(cluster, istiod, "env.ISTIO_MULTIROOT_MESH=true"),
          );
        }
        if (bad.length === 0) {
          findings.passed(`Deployment ${istiod.path} has all required variables`);
        }
      }
    }),
};

function reportWrong(
  cluster: Cluster,
  istiod: objects.Deployment,
  variable: Variable,
  hollow: boolean,
  findings: FindingCollector,
): void {
  const { name, required, why, value: helmValue = `env.${name}=true` } = variable;
  const value = objects.variable(istiod, name);
  if (name === "ENABLE_PEERING_DISCOVERY" && value === undefined && hollow) {
    findings.notObservable(
      `Deployment ${istiod.path}: Solo's chart derives ${name} from platforms.peering.enabled, and upstream's chart may stand in for it here`,
    );
    return;
  }
  findings.failed(
    `Deployment ${istiod.path} has ${name} ${value === undefined ? "not set" : `"${value}"`}; it must be ${required}: ${why}`,
    putBackValues(cluster, istiod, helmValue),
  );
}
