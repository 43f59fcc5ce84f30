import * as pulumi from "@pulumi/pulumi";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { kind, kwok } from "../../settings/config";
import { type Inputs, base64, valueOf } from "../mocks";
import { clusterOf, community, objectName, peering, places } from "./environment";

describe.each([false, true])("remote secrets, preview %s", (preview) => {
  it("stand where a link starts, for where it leads", async () => {
    const links = [{ from: "a", to: "b" }, { between: ["b", "c"] }];
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

  it("come of a token of the reader's account, which is waited for", async () => {
    const { all } = await peering(community, { preview });
    const tokens = all("Secret").filter((secret) => objectName(secret) === "istio-reader-token");
    expect(tokens.map(clusterOf)).toEqual(["a", "b", "c"]);
    expect(tokens[0]?.inputs).toMatchObject({
      type: "kubernetes.io/service-account-token",
      metadata: {
        namespace: "istio-system",
        annotations: {
          "kubernetes.io/service-account.name": "istio-reader-service-account",
          "pulumi.com/waitFor": "jsonpath={.data.token}",
        },
      },
    });
  });
});

describe("a reader's kubeconfig", () => {
  it("reaches the peer by a name that its pods can resolve, with the reader's token", async () => {
    const { all, value } = await peering({ ...community, clusters: [kind("a"), kind("b", { controlPlanes: 3 })] });
    const secret = all("Secret").find((resource) => objectName(resource) === "istio-remote-secret-b");
    const provider = all("Secret").find((resource) => clusterOf(resource) === "b")?.provider ?? "";
    const [text] = Object.values(secret?.inputs["stringData"] as Inputs);
    expect(Object.keys(secret?.inputs["stringData"] as Inputs)).toEqual(["b"]);
    expect(parse(String(text))).toEqual({
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
      users: [{ name: "b", user: { token: `token of ${provider}` } }],
    });
    expect(await valueOf(value.remoteAccess?.["b"] ?? pulumi.output(""))).toBe(text);
  });

  it("is a secret, in the output and in the peer", async () => {
    const { all, value } = await peering(community);
    const readers = Object.values(value.remoteAccess ?? {});
    expect(readers).toHaveLength(3);
    expect(await Promise.all(readers.map(pulumi.isSecret))).toEqual([true, true, true]);
    const secrets = all("Secret").filter((secret) => objectName(secret).startsWith("istio-remote-secret-"));
    expect(secrets.map((secret) => secret.secrets.includes("stringData"))).not.toContain(false);
  });

  it("is none of the vendor's distribution", async () => {
    const { all, value } = await peering({ clusters: [kwok("a"), kwok("b")] });
    expect(value.remoteAccess).toBeUndefined();
    expect(all("Secret")).toEqual([]);
  });
});
