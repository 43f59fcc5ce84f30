import { describe, expect, it, vi } from "vitest";
import { absent, type Datum, known, unavailable } from "../../../preflight/datum";
import { judgeKubeconfigs } from "../../../preflight/kubeconfigs";
import type { Run } from "../../../preflight/unavailable";
import type { ClusterSettings } from "../../../settings";
import { resourceKey, type StackOutputs } from "../../../stacks";
import { kubeconfigText } from "../components/mocks";
import { existing, parse } from "../settings/config";

const stack = "acme/eks/prod";
const text = kubeconfigText("east");
const settings = (more: object = {}) =>
  parse({
    clusters: [existing("a", { context: undefined, kubeconfig: { stack, output: "kubeconfig" }, ...more })],
  }).clusters;
const inPod = () => settings({ kubeconfig: "in-cluster" });

function judge(
  outputs: Datum<StackOutputs>,
  run: Run,
  { clusters = settings(), state = new Map<string, unknown>(), offline = false } = {},
): { cluster: ClusterSettings | undefined; said: string[] } {
  const { value, problems } = judgeKubeconfigs(clusters, new Map([[stack, outputs]]), state, run, offline);
  return { cluster: value[0], said: problems.map(({ severity, message }) => `${severity}: ${message}`) };
}

const recorded = new Map([
  [resourceKey("flatmesh:clusters:ExistingCluster", "a"), { kubeconfig: text, context: "east" }],
]);
const notYet =
  "Output kubeconfig of stack acme/eks/prod, the kubeconfig of cluster a, does not exist: the stack is not deployed yet, or there is " +
  "none of that name. Run `pulumi up --stack acme/eks/prod` in the project of that stack first, or correct the setting.";

describe("a kubeconfig that is an output of another stack", () => {
  it.each(["preview", "update"] as const)("is its text, in a(n) %s", (run) => {
    expect(judge(known({ kubeconfig: text }), run)).toEqual({
      cluster: {
        name: "a",
        provisioner: "existing",
        kubeconfig: text,
        kubeconfigFrom: "output kubeconfig of stack acme/eks/prod, the kubeconfig of cluster a,",
      },
      said: [],
    });
  });

  it.each([[absent], [known({})]])(
    "is yet to come where its stack is not deployed, and needed for an update: %j",
    (outputs) => {
      expect(judge(outputs, "preview")).toEqual({
        cluster: settings()[0],
        said: [
          `warning: ${notYet} Until then nothing in the cluster is looked at, and what depends on its kubeconfig is unknown in this plan.`,
        ],
      });
      expect(judge(outputs, "update").said).toEqual([`error: ${notYet} Nothing was changed.`]);
    },
  );

  it("is as the state has it in a plan where its stack can't be seen", () => {
    for (const outputs of [absent, known({ other: 1 }), unavailable("403 forbidden")]) {
      const { cluster, said } = judge(outputs, "preview", { state: recorded });
      expect(cluster).toMatchObject({ context: "east", kubeconfigFrom: "the kubeconfig of cluster a in the state" });
      expect(JSON.stringify(cluster)).toContain("https://");
      expect(said[0]).toMatch(
        /^warning: .*This plan takes the kubeconfig that the state has; pulumi up would be refused\.$/,
      );
      expect(judge(outputs, "update", { state: recorded }).said[0]).toMatch(/^error: .*Nothing was changed\.$/);
    }
    expect(judge(unavailable("403 forbidden"), "preview").said[0]).toContain("can't be read: 403 forbidden. Run");
  });

  it.each(["preview", "update"] as const)("is refused as something else, in a(n) %s, without its value", (run) => {
    const { said } = judge(known({ kubeconfig: 4711, kubeconfigs: text }), run);
    expect(said).toEqual([
      "error: Output kubeconfig of stack acme/eks/prod, the kubeconfig of cluster a, is a number, and no kubeconfig. The stack also has " +
        "kubeconfigs; did you mean kubeconfigs?",
    ]);
  });
});

describe("the kubeconfig of the pod that runs the engine", () => {
  it("is asked for in a pod, except by whoever looks at nothing", () => {
    vi.stubEnv("KUBERNETES_SERVICE_HOST", "");
    try {
      expect(judge(absent, "preview", { clusters: inPod() }).said).toEqual([
        expect.stringMatching(
          /^error: The kubeconfig of cluster a is in-cluster, .* and this does not run in such a pod/,
        ),
      ]);
      expect(judge(absent, "preview", { clusters: inPod(), offline: true })).toEqual({ cluster: inPod()[0], said: [] });
      const { cluster } = judge(absent, "preview", { clusters: inPod(), state: recorded, offline: true });
      expect(cluster).toMatchObject({ context: "east" });
    } finally {
      vi.unstubAllEnvs();
    }
  });
});
