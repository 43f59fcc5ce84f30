/** Quotas, limit ranges and dry runs, by what the settings say that the mesh's pods need. */
import { describe, expect, it } from "vitest";
import { ownValues, plannedWorkloads } from "../../../chart-values";
import { type FactsReader, installPlan, type InstallPlan, judgeFacts, readFacts } from "../../../readiness";
import { existing, parse } from "../settings/config";
import { judged, namespace, plan, readerOf, system, told, withList, type World } from "./world";

/** What a stack with one cluster installs in it. */
function planOf(settings: Readonly<Record<string, unknown>>, cluster: object = {}): InstallPlan {
  const given = parse({ clusters: [existing("c", cluster)], loadBalancer: undefined, ...settings });
  const [only = {}] = given.clusters;
  return installPlan(given, only, plannedWorkloads(ownValues(given, "c")));
}

const limits = (cpu: string, memory: string) => ({ resources: { limits: { cpu, memory } } });
const limited = { istiod: limits("2", "4Gi"), ztunnel: limits("1", "1Gi"), cni: limits("200m", "200Mi") };

const nodes = Array.from({ length: 3 }, (_, index) => ({
  metadata: { name: `n${String(index)}`, labels: index === 0 ? { mesh: "" } : {} },
}));
function withQuota(hard: object, spec: object = {}): World {
  const metadata = { name: "q", namespace: "istio-system" };
  const world = withList("/api/v1/namespaces/istio-system/resourcequotas", { metadata, spec, status: { hard } });
  return { ...world, lists: { ...world.lists, "/api/v1/nodes": nodes } };
}
function withRange(limit: object): World {
  const range = { metadata: { name: "r", namespace: "istio-system" }, spec: { limits: [limit] } };
  const unasked = { Pod: [403, "User ci cannot create resource pods"] } as const;
  return { ...withList("/api/v1/namespaces/istio-system/limitranges", range), denials: unasked };
}

const edit = "kubectl edit resourcequota q -n istio-system";

describe("a quota", () => {
  it("has to have room for every istiod that the settings start with", async () => {
    const replicas = planOf({ istiod: { replicas: 3, resources: { requests: { cpu: 2 } } } });
    expect(await judged(withQuota({ "requests.cpu": "6900m" }), replicas)).toEqual([]);
    expect(told(await judged(withQuota({ "requests.cpu": "6800m" }), replicas))).toEqual([
      "refuse quotas: ResourceQuota istio-system/q has 6.8 of requests.cpu left (6800m in all), and the mesh needs 6.9 with 3 nodes, for " +
        `3 pods of istiod, istio-cni and ztunnel. Raise it (${edit}), or lower istiod.resources, cni.resources, ztunnel.resources and ` +
        "istiod.replicas in the settings.",
    ]);
    const scaled = planOf({}, { istiod: { autoscaling: { minReplicas: 2, maxReplicas: 5 } } });
    expect(told(await judged(withQuota({ pods: "7" }), scaled))).toEqual([
      expect.stringMatching(/needs 8 .*, or lower clusters\[0\]\.istiod\.autoscaling in the settings\.$/),
    ]);
  });

  it("that the charts' requests would exceed has room for smaller ones", async () => {
    const small = { requests: { cpu: "50m", memory: "64Mi" } };
    const world = withQuota({ "requests.cpu": "400m", memory: "512Mi" });
    expect(await judged(world)).toHaveLength(2);
    const settings = { istiod: { resources: small }, ztunnel: { resources: small } };
    expect(await judged(world, planOf({ ...settings, cni: { resources: small } }))).toEqual([]);
    const values = { istiod: { pilot: { resources: small } }, ztunnel: { resources: small } };
    expect(await judged(world, planOf({ values, cni: { resources: small } }))).toEqual([]);
  });

  it("of limits counts those that the settings give, and names what lacks one", async () => {
    expect(await judged(withQuota({ "limits.cpu": "5600m" }), planOf(limited))).toEqual([]);
    expect(told(await judged(withQuota({ "limits.cpu": "5500m" }), planOf(limited)))).toEqual([
      expect.stringContaining("has 5.5 of limits.cpu left (5500m in all), and the mesh needs 5.6 with 3 nodes"),
    ]);
    expect(told(await judged(withQuota({ "limits.cpu": "9" }), planOf({ ...limited, cni: {} })))).toEqual([
      "refuse quotas: ResourceQuota istio-system/q demands that every pod has a limit (limits.cpu), and istio-cni has none. Take " +
        `limits.cpu out of it (${edit}), give the namespace a LimitRange with a default, or set limits.cpu in cni.resources.`,
    ]);
  });

  it("of requests is told where the settings take away one, but not where the limit stands for it", async () => {
    const without = { ztunnel: { resources: { requests: { cpu: null } } } };
    expect(told(await judged(withQuota({ "requests.cpu": "9" }), planOf({ values: without })))).toEqual([
      expect.stringMatching(
        /has a request .* ztunnel has none.* or set requests\.cpu in values\.ztunnel\.resources\.$/,
      ),
    ]);
    const instead = planOf({ values: without, ztunnel: { resources: { limits: { cpu: 4 } } } });
    expect(told(await judged(withQuota({ "requests.cpu": "9" }), instead))).toEqual([
      expect.stringContaining("needs 12.8 with 3 nodes"),
    ]);
  });

  it("of other resources counts what the settings request", async () => {
    const disk = planOf({ istiod: { resources: { requests: { "ephemeral-storage": "2Gi" } } } });
    expect(told(await judged(withQuota({ "requests.ephemeral-storage": "1Gi" }), disk))).toEqual([
      expect.stringContaining("has 1024Mi of requests.ephemeral-storage left (1Gi in all), and the mesh needs 2048Mi"),
    ]);
  });

  it("counts a DaemonSet on the nodes that its selector selects", async () => {
    const some = planOf({ ztunnel: { nodeSelector: { mesh: "" } } });
    expect(await judged(withQuota({ pods: "5" }), some)).toEqual([]);
    expect(await judged(withQuota({ pods: "5" }))).toHaveLength(1);
  });

  it("for a priority class counts an istiod that has it", async () => {
    const scope = { operator: "In", scopeName: "PriorityClass", values: ["high"] };
    const world = withQuota({ pods: "0" }, { scopeSelector: { matchExpressions: [scope] } });
    expect(await judged(world)).toEqual([]);
    const high = planOf({ istiod: { priorityClassName: "high" } });
    expect(told(await judged(world, high))).toEqual([expect.stringMatching(/needs 1 with 3 nodes, for istiod\. /)]);
  });
});

describe("a limit range", () => {
  it("takes what the settings give for what is requested", async () => {
    const smaller = planOf({ istiod: { resources: { requests: { cpu: "200m" }, limits: { cpu: "300m" } } } });
    const world = withRange({ type: "Container", max: { cpu: "400m" }, default: { cpu: "400m" } });
    expect(told(await judged(world))).toEqual([
      expect.stringContaining("istiod from coming up: its container requests 500m"),
    ]);
    expect(await judged(world, smaller)).toEqual([]);
  });

  it.each([
    [{ type: "Container", max: { memory: "3Gi" } }, "its limit of memory is 4Gi, and 3Gi is the maximum"],
    [{ type: "Pod", maxLimitRequestRatio: { cpu: "3" } }, "may be 3 times what it requests, and it is 2"],
  ])("%j takes the limits of the settings", async (limit, reason) => {
    const remedy =
      "Change it (kubectl edit limitrange r -n istio-system), delete it, or set istiod.resources so that it fits.";
    expect(told(await judged(withRange(limit), planOf(limited)))[0]).toBe(
      `refuse quotas: LimitRange istio-system/r would keep istiod from coming up: ${limit.type === "Pod" ? "its limit of cpu " : ""}${reason}. ${remedy}`,
    );
  });

  it("that demands limits is met by those of the settings", async () => {
    const world = withRange({ type: "Pod", max: { cpu: "4", memory: "8Gi" } });
    expect(await judged(world)).toHaveLength(3);
    expect(await judged(world, planOf(limited))).toEqual([]);
  });
});

describe("dry runs", () => {
  /** What is asked about, by the API server's path. */
  async function asked(world: World, of: InstallPlan): Promise<Map<string, object>> {
    const found = new Map<string, object>();
    const reader: FactsReader = {
      ...readerOf(world),
      dryRun: (path, object) => {
        const { metadata } = object as { readonly metadata: { readonly generateName?: string } };
        found.set(`${path} ${metadata.generateName ?? ""}`, object);
        return Promise.resolve({ status: 201, message: "" });
      },
    };
    await readFacts(reader, of);
    return found;
  }

  it("have the requests, limits and priority class of the settings", async () => {
    const found = await asked(system, planOf({ ...limited, istiod: { ...limited.istiod, priorityClassName: "high" } }));
    const spec = {
      priorityClassName: "high",
      containers: [{ resources: { requests: { cpu: "500m", memory: "2048Mi" }, limits: { cpu: "2", memory: "4Gi" } } }],
    };
    expect(found.get("/api/v1/namespaces/istio-system/pods istiod-")).toMatchObject({ spec });
    expect(found.get("/apis/apps/v1/namespaces/istio-system/deployments ")).toMatchObject({
      spec: { template: { spec } },
    });
  });

  it("have those of the east-west Gateway, too", async () => {
    const eastWestGateway = {
      resources: { requests: { cpu: 1 }, limits: { memory: "1Gi" } },
      priorityClassName: "edge",
    };
    const world = { objects: { "/api/v1/namespaces/istio-eastwest": namespace("istio-eastwest") } };
    const found = await asked(world, planOf({ eastWestGateway }));
    expect(found.get("/api/v1/namespaces/istio-eastwest/pods istio-eastwest-")).toMatchObject({
      spec: {
        priorityClassName: "edge",
        containers: [{ resources: { requests: { cpu: "1", memory: "128Mi" }, limits: { memory: "1Gi" } } }],
      },
    });
  });

  const message = 'pods "istiod-x" is forbidden: no PriorityClass with name high was found';
  const lists = "this lists them: kubectl get priorityclasses";

  it("of a class that does not exist name it, and the setting, in namespaces that exist and before they do", async () => {
    const high = planOf({ istiod: { priorityClassName: "high" } });
    const expected =
      "refuse admission: PriorityClass high, which istiod.priorityClassName names, does not exist: the API server would refuse the pods " +
      `of istiod. Create it (kubectl create priorityclass high --value=1000000), or name another one in istiod.priorityClassName; ${lists}`;
    expect(told(await judged({ ...system, denials: { "Pod istio-system": [403, message] } }, high))).toEqual([
      expected,
    ]);
    expect(told(await judged({ denials: { "Pod default": [403, message] } }, high))).toEqual([expected]);
  });

  it.each([
    ["system-high", { istiod: { priorityClassName: "system-high" } }, "istiod.priorityClassName"],
    [
      "$(reboot)",
      { values: { istiod: { global: { priorityClassName: "$(reboot)" } } } },
      "values.istiod.global.priorityClassName",
    ],
  ])("of a class that nobody can create, %s, promise no such command", async (name, settings, setting) => {
    const denials = { "Pod istio-system": [403, `no PriorityClass with name ${name} was found`] } as const;
    expect(told(await judged({ ...system, denials }, planOf(settings)))).toEqual([
      expect.stringMatching(/\. Name another one in [\w.]+; this lists them: kubectl get priorityclasses$/),
    ]);
    expect(planOf(settings).workloads[0]?.settings.priorityClassName).toBe(setting);
  });

  it("of GKE's critical pods take a quota for the settings' class, which the charts don't bring", async () => {
    const critical = planOf({ istiod: { priorityClassName: "system-cluster-critical" } }, { platform: "gke" });
    const denials = {
      "Pod istio-system": [403, "insufficient quota to match these scopes: [{PriorityClass In []}]"],
    } as const;
    expect(told(await judged({ ...system, denials }, critical))).toEqual([
      expect.stringMatching(
        /^refuse quotas: .*Apply a quota for such pods: .*"values":\["system-cluster-critical"\].*; or name another class in istiod\.priorityClassName$/,
      ),
    ]);
  });
});

describe("what is encrypted in the stack's configuration", () => {
  const given = planOf({ istiod: { replicas: 2, priorityClassName: "hush", resources: { limits: { cpu: "700m" } } } });
  const secret = { ...given, workloads: given.workloads.map((one) => ({ ...one, secret: one.name === "istiod" })) };

  it("is not shown, neither by amounts nor by what an API server says of them", async () => {
    const quota = told(await judged(withQuota({ "limits.cpu": "1", "requests.cpu": "1" }), { ...secret }));
    expect(quota.join("\n")).toMatch(/needs \[secret\] with 3 nodes/);
    const range = withRange({ type: "Container", max: { cpu: "600m" } });
    expect(told(await judged(range, secret)).join("\n")).toContain(
      "its limit of cpu is [secret], and 600m is the maximum",
    );
    const denied = (message: string): World => ({ ...system, denials: { "Pod istio-system": [403, message] } });
    const usage = 'pods "istiod-x" is forbidden: maximum cpu usage per Container is 600m, but limit is 700m';
    const messages = [usage, 'pods "x" is forbidden: no PriorityClass with name hush was found'];
    for (const message of messages) {
      const facts = await readFacts(readerOf(denied(message)), secret);
      expect(
        JSON.stringify(
          facts.probed.filter(({ name, kind }) => name === "istiod" && kind === "Pod").map(({ outcome }) => outcome),
        ),
      ).not.toMatch(/700m|hush/);
      expect(told(judgeFacts(facts, secret)).slice(0, 1).join("\n")).not.toMatch(/700m|hush/);
    }
  });
});

it("a cluster without settings is judged by the charts' defaults, and is told of no setting", async () => {
  const found = told(await judged(withQuota({ "requests.cpu": "1" }), { ...plan, hasSettings: false }));
  expect(found).toEqual([expect.stringMatching(new RegExp(`needs 1\\.4 .* Raise it: ${edit}$`))]);
});
