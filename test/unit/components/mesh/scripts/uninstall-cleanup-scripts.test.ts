import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Machine, textOf } from "../../clusters/scripts/machine";

/** What kubectl's output formats make of a cluster is played here; test/kwok/existing asks a real one. */
let machine: Machine;
beforeEach(() => {
  machine = new Machine();
  machine.say("kubectl-crds", "widgets.example.org\n");
});
afterEach(() => {
  expect(machine.leftovers()).toEqual([]);
  machine.remove();
});

const found = {
  IN_CLUSTER: textOf("in-cluster.sh"),
  NAME: "found",
  CONTEXT: "here",
  KUBECONFIG_TEXT: "kubeconfig of found",
  DEFINITIONS: "",
};
const record = (environment: Readonly<Record<string, string>> = found) => machine.run("remains-record.sh", environment);
const remove = async (before: string, changes: Readonly<Record<string, string>> = {}) => {
  const outcome = await machine.run("remains-remove.sh", { ...found, PULUMI_COMMAND_STDOUT: before, ...changes });
  return { ...outcome, calls: machine.calls() };
};
const gatewayApi = "gatewayclasses.gateway.networking.k8s.io gateways.gateway.networking.k8s.io";
const configMaps = "configmaps,leases.coordination.k8s.io,secrets";

describe("remains-record.sh", () => {
  it("prints what is there, and changes nothing", async () => {
    machine.say("kubectl-crds", "sidecars.networking.istio.io istio-base istio-system\nwidgets.example.org\n");
    machine.say(`kubectl-${configMaps}`, "ConfigMap istio-system/istio-leader\n");
    expect(await record()).toEqual({
      status: 0,
      stdout: "CustomResourceDefinition /sidecars.networking.istio.io\nConfigMap istio-system/istio-leader\n",
      stderr: "",
    });
    expect(machine.calls()).toEqual([]);
  });

  it("asks by the kubeconfig of whoever runs it, where it is given none", async () => {
    machine.say("kubectl-crds", "sidecars.networking.istio.io istio-base istio-system\n");
    machine.say("own-kubeconfig", "kubeconfig of found\n");
    const own = await record({ ...found, KUBECONFIG_TEXT: "", KUBECONFIG: machine.path("own-kubeconfig") });
    expect([own.status, own.stdout]).toEqual([0, "CustomResourceDefinition /sidecars.networking.istio.io\n"]);
  });

  it("says what is missing where there is no kubectl, and why", async () => {
    machine.uninstall("kubectl");
    const { status, stderr } = await record();
    expect(status).toBe(1);
    expect(stderr).toMatch(
      /^existing cluster found: the kubectl command is not on the PATH\. Install it \(https:\S+\), and repeat this: it sees/,
    );
  });
});

describe("remains-remove.sh", () => {
  it("removes what istiod has written, and the definitions that the stack has made, and nothing that was there", async () => {
    const { stdout } = await record();
    machine.say(
      "kubectl-crds",
      [
        "widgets.example.org",
        "sidecars.networking.istio.io istio-base istio-system",
        "things.istio.io other istio-system",
        ...gatewayApi.split(" "),
        "",
      ].join("\n"),
    );
    machine.say("kubectl-configmaps", "ConfigMap apps/istio-ca-root-cert\n");
    machine.say(`kubectl-${configMaps}`, "Lease istio-system/istio-leader\nSecret istio-system/istio-password\n");
    expect(await remove(stdout, { DEFINITIONS: gatewayApi })).toMatchObject({
      status: 0,
      calls: [
        "kubectl delete --namespace apps --ignore-not-found --timeout=2m -- configmaps istio-ca-root-cert",
        "kubectl delete --namespace istio-system --ignore-not-found --timeout=2m -- leases.coordination.k8s.io istio-leader",
        "kubectl delete --ignore-not-found --timeout=2m -- customresourcedefinitions sidecars.networking.istio.io",
        `kubectl delete --ignore-not-found --timeout=2m -- customresourcedefinitions ${gatewayApi}`,
      ],
    });
  });

  it("leaves what was there before, whoever changed it since", async () => {
    machine.say("kubectl-crds", "sidecars.networking.istio.io istio-base istio-system\n");
    machine.say("kubectl-configmaps", "ConfigMap apps/istio-ca-root-cert\n");
    const { stdout } = await record();
    expect(await remove(stdout)).toEqual({ status: 0, stdout: "", stderr: "", calls: [] });
  });

  it("removes the mesh's own classes of Gateways, and keeps the definitions for somebody else's", async () => {
    machine.say("kubectl-crds", gatewayApi.replace(" ", "\n"));
    const classes = "kubectl-gatewayclasses.gateway.networking.k8s.io";
    machine.say(
      classes,
      "istio.io/unmanaged-gateway GatewayClass /istio-remote\nexample.org/nginx GatewayClass /nginx\n",
    );
    machine.say("kubectl-gateways.gateway.networking.k8s.io", "Gateway apps/theirs\n");
    const { status, stderr, calls } = await remove("", { DEFINITIONS: gatewayApi });
    expect({ status, calls }).toEqual({
      status: 0,
      calls: [
        "kubectl delete --ignore-not-found --timeout=2m -- gatewayclasses.gateway.networking.k8s.io istio-remote",
      ],
    });
    expect(stderr).toMatch(
      /^existing cluster found: these definitions stay, since things of somebody else would go with them \(/,
    );
    expect(stderr).toContain(`): ${gatewayApi}\n`);
  });

  it("takes istiod's own entries for no use of the definitions", async () => {
    machine.say("kubectl-crds", "workloadentries.networking.istio.io istio-base istio-system\n");
    machine.say("kubectl-workloadentries.networking.istio.io", "WorkloadEntry istio-system/autogenflat.b.demo.x\n");
    expect((await remove("")).calls).toEqual([
      "kubectl delete --ignore-not-found --timeout=2m -- customresourcedefinitions workloadentries.networking.istio.io",
    ]);
  });

  it.each([
    [
      "options for kinds and names",
      "--kubeconfig=/other --all\nConfigMap --all-namespaces/istio-ca-root-cert\nConfigMap apps/--all",
    ],
    ["paths", "ConfigMap ../../etc/istio-ca-root-cert\nConfigMap apps/../istio-ca-root-cert"],
    ["kinds that nobody has asked for", "Namespace /kube-system\nNode /node-1\nClusterRole /istio-ca-root-cert"],
    ["shell", "ConfigMap apps/$(touch pwned)\nConfigMap apps/;touch\nConfigMap apps/`id`"],
    ["control characters", "ConfigMap apps/\u001b[2Jistio-ca-root-cert\nConfigMap apps/istio\u0000x"],
  ])("takes no word of a hostile API server for more than a name: %s", async (_, said) => {
    machine.say("kubectl-crds", gatewayApi.replace(" ", "\n"));
    machine.say("kubectl-configmaps", `${said}\n`);
    machine.say(`kubectl-${configMaps}`, `${said.replaceAll("apps", "istio-system")}\n`);
    const classes = said.split("\n").map((line) => `istio.io/gateway-controller ${line}\n`);
    machine.say("kubectl-gatewayclasses.gateway.networking.k8s.io", classes.join(""));
    expect(await remove("")).toMatchObject({ status: 0, calls: [] });
  });

  it("says of definitions that stay nothing that could rule a terminal", async () => {
    machine.say("kubectl-crds", gatewayApi.replace(" ", "\n"));
    machine.say("kubectl-gateways.gateway.networking.k8s.io", `Gateway apps/\u001b]0;pwned\u0007${"x".repeat(5000)}\n`);
    const { stderr } = await remove("", { DEFINITIONS: gatewayApi });
    expect(stderr).toMatch(/^[\n -~]{1,1000}$/);
  });

  it("fails where the cluster does not answer, so that the next destroy tries again", async () => {
    machine.say("unreachable", "Unable to connect to the server: EOF\n");
    expect(await remove("")).toMatchObject({
      status: 1,
      stderr: expect.stringMatching(
        /^Unable to connect to the server: EOF\n.*it can't be reached\. Run this again/,
      ) as string,
      calls: [],
    });
  });

  it("forgets what is there where the cluster is gone for good, by the engineer's word", async () => {
    machine.say("unreachable", "Unable to connect to the server: EOF\n");
    expect(await remove("", { PULUMI_K8S_DELETE_UNREACHABLE: "true" })).toMatchObject({ status: 0, calls: [] });
  });
});
