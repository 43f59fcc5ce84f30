import * as pulumi from "@pulumi/pulumi";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { kind, kwok } from "../../settings/config";
import { type Inputs, type Recorded, base64, kubeconfigText, refusals, valueOf } from "../mocks";
import { clusterOf, community, objectName, peering, places } from "./environment";

const links = [{ from: "a", to: "b" }, { between: ["b", "c"] }];

/** Another stack, which may read the clusters of this one. */
const others = { peerStacks: ["organization/flatmesh/east"] };

describe.each([false, true])("remote secrets, preview %s", (preview) => {
  it("stand where a link starts, for where it leads", async () => {
    const { all, value } = await peering({ ...community, links }, { preview });
    const secrets = all("Secret").filter((secret) => objectName(secret).startsWith("istio-remote-secret-"));
    expect(places(secrets)).toEqual([
      "a: istio-remote-secret-b",
      "b: istio-remote-secret-c",
      "c: istio-remote-secret-b",
    ]);
    expect(secrets.map(({ inputs }) => inputs["metadata"])[0]).toEqual({
      name: "istio-remote-secret-b",
      namespace: "istio-system",
      labels: { "istio/multiCluster": "true" },
      annotations: { "networking.istio.io/cluster": "b" },
    });
    expect(value.links).toEqual([
      { from: "a", to: "b", via: "remote secret" },
      { from: "b", to: "c", via: "remote secret" },
      { from: "c", to: "b", via: "remote secret" },
    ]);
    expect(value.eastWestAddresses).toEqual({});
    expect(all("Gateway")).toEqual([]);
  });

  it("come of tokens of the reader's account: one a link, and one for all other stacks", async () => {
    const { all } = await peering({ ...community, ...others, links }, { preview });
    const tokens = all("Secret").filter(isToken);
    expect(places(tokens)).toEqual([
      "a: istio-reader-token-1",
      "b: istio-reader-token-1",
      "b: istio-reader-token-1-a",
      "b: istio-reader-token-1-c",
      "c: istio-reader-token-1",
      "c: istio-reader-token-1-b",
    ]);
    for (const { inputs } of tokens) {
      expect(inputs["metadata"]).toMatchObject({
        namespace: "istio-system",
        annotations: {
          "kubernetes.io/service-account.name": "istio-remote-reader",
          "pulumi.com/waitFor": "jsonpath={.data.token}",
        },
      });
    }
  });
});

describe("a reader", () => {
  it("may list and watch what istiod reads, and nothing else", async () => {
    const { all } = await peering({ ...community, ...others, clusters: [kwok("a")] });
    const rules = (type: string) => all(type).flatMap(({ inputs }) => inputs["rules"] as Inputs[]);
    const granted = [...rules("ClusterRole"), ...rules("Role")];
    expect(new Set(granted.flatMap(({ verbs }) => verbs))).toEqual(new Set(["list", "watch"]));
    expect(
      rules("ClusterRole")
        .flatMap(({ resources }) => resources as string[])
        .sort(),
    ).toEqual([
      "customresourcedefinitions",
      "endpointslices",
      "gateways",
      "namespaces",
      "nodes",
      "pods",
      "secrets",
      "services",
      "workloadentries",
    ]);
    expect(rules("Role")).toEqual([
      { apiGroups: [""], resources: ["configmaps"], resourceNames: ["istio"], verbs: ["list", "watch"] },
    ]);
  });

  it("has its rights from two bindings to one account, which no pod gets", async () => {
    const { all, one } = await peering({ ...community, ...others, clusters: [kwok("a")] });
    expect(one("ServiceAccount").inputs).toMatchObject({
      metadata: { name: "istio-remote-reader", namespace: "istio-system" },
      automountServiceAccountToken: false,
    });
    const bindings = [...all("ClusterRoleBinding"), ...all("RoleBinding")];
    expect(bindings.map(({ inputs }) => [inputs["roleRef"], inputs["subjects"]])).toEqual(
      ["ClusterRole", "Role"].map((kind) => [
        { apiGroup: "rbac.authorization.k8s.io", kind, name: "istio-remote-reader" },
        [{ kind: "ServiceAccount", name: "istio-remote-reader", namespace: "istio-system" }],
      ]),
    );
  });
});

describe("a reader's kubeconfig", () => {
  it("reaches the peer by a name that its pods can resolve, with the token of that link", async () => {
    const { all, value } = await peering({
      ...community,
      ...others,
      clusters: [kind("a"), kind("b", { controlPlanes: 3 })],
    });
    const secret = all("Secret").find((resource) => objectName(resource) === "istio-remote-secret-b");
    const provider = all("Secret").find((resource) => clusterOf(resource) === "b")?.provider ?? "";
    const [text] = Object.values(secret?.inputs["stringData"] as Inputs);
    expect(Object.keys(secret?.inputs["stringData"] as Inputs)).toEqual(["b"]);
    const kubeconfig = (token: string) => ({
      apiVersion: "v1",
      kind: "Config",
      "current-context": "b",
      contexts: [{ name: "b", context: { cluster: "b", user: "b" } }],
      clusters: [
        {
          name: "b",
          cluster: {
            server: "https://b-external-load-balancer:6443",
            "certificate-authority-data": base64(`authority of ${provider}`),
          },
        },
      ],
      users: [{ name: "b", user: { token: `token of ${provider}-${token}` } }],
    });
    expect(parse(String(text))).toEqual(kubeconfig("istio-reader-token-1-a"));
    const output = await valueOf(value.remoteAccess?.["b"] ?? pulumi.output(""));
    expect(parse(output ?? "")).toEqual(kubeconfig("istio-reader-token-1"));
  });

  it("is a secret, in the output and in the peer", async () => {
    const { all, value } = await peering({ ...community, ...others });
    const readers = Object.values(value.remoteAccess ?? {});
    expect(readers).toHaveLength(3);
    expect(await Promise.all(readers.map(pulumi.isSecret))).toEqual([true, true, true]);
    const secrets = all("Secret").filter((secret) => objectName(secret).startsWith("istio-remote-secret-"));
    expect(secrets.map((secret) => secret.secrets.includes("stringData"))).not.toContain(false);
  });

  it("is for nobody where there are no other stacks, and a cluster that nobody reads has no reader", async () => {
    const { all, value } = await peering({ ...community, links: [{ from: "a", to: "b" }] });
    expect(value).not.toHaveProperty("remoteAccess");
    expect(places(all("Secret").filter(isToken))).toEqual(["b: istio-reader-token-1-a"]);
    for (const type of ["ServiceAccount", "ClusterRole", "ClusterRoleBinding", "Role", "RoleBinding"]) {
      expect(places(all(type))).toEqual(["b: istio-remote-reader"]);
    }
  });

  it("is none of the vendor's distribution", async () => {
    const { all, value } = await peering({ clusters: [kwok("a"), kwok("b")] });
    expect(value.remoteAccess).toBeUndefined();
    expect([...all("Secret"), ...all("ServiceAccount"), ...all("ClusterRole")]).toEqual([]);
  });
});

describe("the API server of an existing cluster", () => {
  const existing = (more: object) => ({
    name: "b",
    provisioner: "existing",
    kubeconfig: kubeconfigText("b"),
    ...more,
  });

  it("is where the settings say that others reach it", async () => {
    const clusters = [kwok("a"), existing({ apiServer: "https://b.example.com:6443" })];
    const { all } = await peering({ ...community, clusters });
    const secret = all("Secret").find((resource) => objectName(resource) === "istio-remote-secret-b");
    expect(parse(String(Object.values(secret?.inputs["stringData"] as Inputs)[0]))).toMatchObject({
      clusters: [{ cluster: { server: "https://b.example.com:6443" } }],
    });
  });

  it.each([false, true])("is refused at an address that each machine has for itself, preview %s", async (preview) => {
    const [message] = await refusals(() => peering({ ...community, clusters: [kwok("a"), existing({})] }, { preview }));
    expect(message).toBe(
      "Cluster b: its kubeconfig has the API server at https://127.0.0.1:6443, where the control planes of other clusters " +
        "can't reach it. Set apiServer on the cluster to a URL that they can.",
    );
  });
});

it("a cluster that only other stacks read is refused at such an address as well", async () => {
  const clusters = [{ name: "b", provisioner: "existing", kubeconfig: kubeconfigText("b") }];
  const alone = { ...community, clusters };
  expect(await refusals(() => peering(alone))).toEqual([]);
  expect((await refusals(() => peering({ ...alone, peerStacks: ["organization/flatmesh/east"] }))).join()).toMatch(
    /^Cluster b: its kubeconfig has the API server at https:\/\/127\.0\.0\.1:6443/,
  );
});

describe("a token that comes of age", () => {
  const day = 24 * 60 * 60 * 1000;
  const tokensOf = async (state: Readonly<Record<string, number>>, settings: object = {}) => {
    const clusters = [kwok("a"), kwok("b")];
    const names = (await peering({ ...community, clusters })).all("Secret").filter(isToken);
    const scope = names.find((token) => clusterOf(token) === "b")?.provider ?? "";
    const known = Object.entries(state).map(([name, age]): [string, Inputs] => {
      const creationTimestamp = new Date(Date.now() - age * day).toISOString();
      return [`kubernetes:core/v1:Secret ${scope}-${name}`, { metadata: { creationTimestamp } }];
    });
    const { all } = await peering(
      { ...community, ...others, clusters, links: [{ from: "a", to: "b" }], ...settings },
      { state: known },
    );
    const remote = all("Secret").find((resource) => objectName(resource) === "istio-remote-secret-b");
    return {
      tokens: places(all("Secret").filter(isToken)).filter((place) => place.startsWith("b: ")),
      used: /token-\S+/.exec(JSON.stringify(remote?.inputs["stringData"]))?.[0].replace(/\\n.*/, ""),
    };
  };

  it("stays until then", async () => {
    expect(await tokensOf({ "istio-reader-token-1": 89, "istio-reader-token-1-a": 89 })).toEqual({
      tokens: ["b: istio-reader-token-1", "b: istio-reader-token-1-a"],
      used: "token-1-a",
    });
  });

  it("is followed by the next, and for other stacks stays beside it", async () => {
    expect(await tokensOf({ "istio-reader-token-1": 91, "istio-reader-token-1-a": 91 })).toEqual({
      tokens: ["b: istio-reader-token-1", "b: istio-reader-token-2", "b: istio-reader-token-2-a"],
      used: "token-2-a",
    });
  });

  it("is gone once the other stacks have had a week", async () => {
    const state = (age: number) => ({ "istio-reader-token-1": 91 + age, "istio-reader-token-2": age });
    expect((await tokensOf(state(6))).tokens).toContain("b: istio-reader-token-1");
    expect((await tokensOf(state(8))).tokens).toEqual(["b: istio-reader-token-1-a", "b: istio-reader-token-2"]);
  });

  it("does so after the days that the settings say", async () => {
    const { tokens } = await tokensOf({ "istio-reader-token-1-a": 31 }, { remoteAccess: { renewAfterDays: 30 } });
    expect(tokens).toContain("b: istio-reader-token-2-a");
  });
});

function isToken(secret: Recorded): boolean {
  return secret.inputs["type"] === "kubernetes.io/service-account-token";
}
