import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Machine, textOf } from "../../clusters/scripts/machine";

/** What kubectl's output formats make of a cluster is played here; test/kwok/existing asks a real one. */
let machine: Machine;
beforeEach(() => {
  machine = new Machine();
  machine.say("kubectl-namespace", "namespace/demo\n");
});
afterEach(() => {
  expect(machine.leftovers()).toEqual([]);
  machine.remove();
});

const kinds = "configmaps,secrets,serviceaccounts,widgets.example.org";

async function remove(
  things: readonly string[],
  environment: Readonly<Record<string, string>> = {},
  moreKinds: readonly string[] = [],
) {
  machine.say(
    "kubectl-api-resources",
    [...kinds.split(","), "events", "leases.coordination.k8s.io", "pods.metrics.k8s.io", ...moreKinds, ""].join("\n"),
  );
  machine.say(`kubectl-${kinds}`, things.map((thing) => `${thing}\n`).join(""));
  const outcome = await machine.run("namespace-remove.sh", {
    IN_CLUSTER: textOf("in-cluster.sh"),
    NAME: "found",
    CONTEXT: "here",
    KUBECONFIG_TEXT: "kubeconfig of found",
    NAMESPACE: "demo",
    LABELS: "istio.io/dataplane-mode",
    ...environment,
  });
  return { ...outcome, calls: machine.calls() };
}

describe("namespace-remove.sh", () => {
  it("deletes a namespace that has nothing in it but what comes and goes by itself", async () => {
    const things = [
      " ConfigMap/kube-root-ca.crt",
      " ConfigMap/istio-ca-root-cert",
      " ConfigMap/istio-gateway-status-leader",
      " ServiceAccount/default",
      " Secret/default-token-x7k2p",
      " WorkloadEntry/autogenflat.b.demo.sleep.0123456789ab",
      "istio-eastwest Service/istio-eastwest",
      "2026-01-01T00:00:00Z Pod/sleep",
    ];
    const { status, stderr, calls } = await remove(things);
    expect([status, stderr]).toEqual([0, ""]);
    expect(calls).toEqual(["kubectl delete namespace demo --ignore-not-found --timeout=5m"]);
  });

  it.each([" ConfigMap/theirs", " Widget/theirs", " Secret/sh.helm.release.v1.theirs.v1", " ServiceAccount/theirs"])(
    "leaves one with%s in it to whoever put it there, without the stack's labels",
    async (thing) => {
      const { status, stderr, calls } = await remove([" ConfigMap/kube-root-ca.crt", thing]);
      expect([status, stderr]).toEqual([
        0,
        `existing cluster found: namespace demo stays, since things of somebody else would go with it (${thing.trim()})\n`,
      ]);
      expect(calls).toEqual(["kubectl label namespace demo istio.io/dataplane-mode-"]);
    },
  );

  it("asks for no kind whose name is an option, and says nothing that could rule a terminal", async () => {
    machine.say("kubectl-namespace", "namespace/demo\n");
    const { stderr, calls } = await remove([` \u001b[2J${"x".repeat(5000)}/theirs`], {}, [
      "--all-namespaces",
      "a b",
      "../secrets",
    ]);
    expect(stderr).toMatch(/^[\n -~]{1,1000}$/);
    expect(calls).toEqual(["kubectl label namespace demo istio.io/dataplane-mode-"]);
  });

  it("has nothing to do where it is gone", async () => {
    machine.say("kubectl-namespace", "");
    expect(await remove([])).toMatchObject({ status: 0, calls: [] });
  });

  it("fails where the cluster does not answer, so that it is tried again", async () => {
    machine.say("unreachable", "Unable to connect to the server: EOF\n");
    expect(await remove([])).toEqual({
      status: 1,
      stdout: "",
      stderr:
        "Unable to connect to the server: EOF\nexisting cluster found: it can't be reached. Run this again when it can; if it is " +
        "gone for good, see docs/day-2.md#a-cluster-is-gone.\n",
      calls: [],
    });
  });

  const forget = { PULUMI_K8S_DELETE_UNREACHABLE: "true" };

  it("forgets it where the cluster is gone for good, by the engineer's word", async () => {
    machine.say("unreachable", "Unable to connect to the server: EOF\n");
    expect(await remove([], forget)).toEqual({
      status: 0,
      stdout: "",
      stderr:
        "existing cluster found: it can't be reached, so what is in it is only forgotten (PULUMI_K8S_DELETE_UNREACHABLE).\n",
      calls: [],
    });
  });

  it("forgets nothing of a cluster that answers, be it with an error", async () => {
    machine.say("unreachable", "Error from server (Forbidden): forbidden\n");
    expect(await remove([], forget)).toMatchObject({ status: 1, calls: [] });
  });
});
