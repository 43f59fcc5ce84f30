import { describe, expect, it } from "vitest";
import { stringify } from "yaml";
import type { Resource } from "../../../policy/rules";
import { peerGateways } from "../../../policy/rules/peer-gateways";
import { plainSecrets } from "../../../policy/rules/plain-secrets";
import type { Properties } from "../../../policy/state";
import { authorityKey } from "../components/peering/certificates";
import { object } from "./carriers";
import { against, release, resource, unknown } from "./resources";

const token = "eyJhbGciOiJSUzI1NiJ9.e30.c2lnbmF0dXJl";

/** What `istioctl create-remote-secret` makes, with changes. */
function kubeconfig(
  { cluster = {}, user = {} }: { readonly cluster?: Properties; readonly user?: Properties } = {},
  more: Properties = {},
): Properties {
  return {
    apiVersion: "v1",
    kind: "Config",
    "current-context": "west",
    preferences: {},
    clusters: [
      {
        name: "west",
        cluster: { "certificate-authority-data": "LS0t", server: "https://west.example.com:6443", ...cluster },
      },
    ],
    contexts: [{ name: "west", context: { cluster: "west", user: "west" } }],
    users: [{ name: "west", user: { token, ...user } }],
    ...more,
  };
}

function metadata(name: string): Properties {
  return { name, namespace: "istio-system", labels: { "istio/multiCluster": "true" } };
}

function remote(files: Properties, name = "istio-remote-secret-west", given = {}): Resource {
  return resource("kubernetes:core/v1:Secret", name, { metadata: metadata(name), stringData: files }, given);
}

const text = (...given: Parameters<typeof kubeconfig>) => stringify(kubeconfig(...given));

describe("peer-gateways, of remote secrets", () => {
  it.each([
    ["as istioctl makes it", text()],
    [
      "with a certificate",
      text({ user: { token: null, "client-certificate-data": "LS0t", "client-key-data": "LS0t" } }),
    ],
    ["with OpenID", text({ user: { "auth-provider": { name: "oidc" } } })],
    ["by an address of a network", text({ cluster: { server: "https://10.0.0.4:6443" } })],
    ["by the name of a container of kind", text({ cluster: { server: "https://west-control-plane:6443" } })],
    [
      "with another cluster beside it that is not used",
      text(
        {},
        {
          clusters: [
            ...(kubeconfig()["clusters"] as Properties[]),
            { name: "own", cluster: { server: "https://127.0.0.1:1" } },
          ],
        },
      ),
    ],
    ["that is not known yet", unknown],
  ])("hold for one %s", (_what, west) => {
    expect(against(peerGateways, [remote({ west })])).toEqual([]);
  });

  it.each([
    ["skips TLS", text({ cluster: { "insecure-skip-tls-verify": true } }), "has insecure-skip-tls-verify"],
    [
      "has a loopback address",
      text({ cluster: { server: "https://127.0.0.1:41873" } }),
      "which for istiod is its own pod",
    ],
    ["has localhost", text({ cluster: { server: "https://localhost:6443" } }), "which for istiod is its own pod"],
    [
      "has a loopback address of IPv6",
      text({ cluster: { server: "https://[::1]:6443" } }),
      "which for istiod is its own pod",
    ],
    ["has any address", text({ cluster: { server: "https://0.0.0.0:6443" } }), "which for istiod is its own pod"],
    [
      "has a name inside a cluster",
      text({ cluster: { server: "https://kubernetes.default.svc" } }),
      "something else in every cluster",
    ],
    [
      "has such a name, whole",
      text({ cluster: { server: "https://kubernetes.default.svc.cluster.local:443" } }),
      "something else in every cluster",
    ],
    ["has no TLS", text({ cluster: { server: "http://west.example.com:8080" } }), "without TLS"],
    [
      "has its CA in a file",
      text({ cluster: { "certificate-authority": "/etc/ca.pem" } }),
      "which istiod does not have",
    ],
    ["has a program", text({ user: { exec: { command: "aws" } } }), "(exec), which istiod refuses"],
    [
      "has a cloud's login",
      text({ user: { "auth-provider": { name: "gcp" } } }),
      "the auth-provider gcp, which istiod refuses",
    ],
    ["has its token in a file", text({ user: { tokenFile: "/token" } }), "(tokenFile), which istiod refuses"],
    ["has its key in a file", text({ user: { "client-key": "/key" } }), "(client-key), which istiod refuses"],
    ["has no context", text({}, { "current-context": "" }), "no current-context that names one of its clusters"],
    [
      "has another context",
      text({}, { "current-context": "east" }),
      "no current-context that names one of its clusters",
    ],
    ["is no YAML", `users:\n- token: ${token}\n\t- x`, "is not a kubeconfig (line 3, column 1)"],
    ["is a word", token, "is not a kubeconfig"],
  ])("see one that %s, in the clear and in base64, and show no token", (_what, west, message) => {
    const encoded = resource("kubernetes:core/v1:Secret", "west", {
      metadata: metadata("istio-remote-secret-west"),
      data: { west: Buffer.from(west).toString("base64") },
    });
    for (const [secret, key] of [
      [remote({ west }), "stringData"],
      [encoded, "data"],
    ] as const) {
      const found = against(peerGateways, [secret]);
      expect(found).toEqual([expect.stringContaining(message)]);
      expect(found[0]).toContain(`Remote secret istio-system/istio-remote-secret-west, ${key}["west"]`);
      expect(found[0]).not.toContain(token);
    }
  });

  it("see a name twice, and a cluster of two names", () => {
    const second = (files: Properties, cluster = "one") => remote(files, "istio-remote-secret-second", { cluster });
    const other = text({ cluster: { server: "https://other.example.com" } });
    expect(against(peerGateways, [remote({ west: text() }), second({ other })])).toEqual([]);
    // In another cluster it is the same peer.
    expect(against(peerGateways, [remote({ west: text() }), second({ west: text() }, "two")])).toEqual([]);
    expect(against(peerGateways, [remote({ west: text() }), second({ west: other })])).toEqual([
      expect.stringContaining(
        "names cluster west, which Remote secret istio-system/istio-remote-secret-west does as well",
      ),
    ]);
    expect(against(peerGateways, [remote({ west: text() }), second({ western: text() })])).toEqual([
      expect.stringContaining("reaches https://west.example.com:6443 as cluster western"),
    ]);
  });

  const provided = (cluster: string, server: string): Partial<Resource> => ({
    provider: { urn: `urn:${cluster}`, name: cluster, inputs: { kubeconfig: text({ cluster: { server } }) } },
  });

  it("see the API server of the own cluster, and two clusters of one name", () => {
    const own = provided("one", "https://west.example.com:6443");
    expect(against(peerGateways, [{ ...remote({ west: text() }), ...own }])).toEqual([
      expect.stringContaining("the API server of its own cluster"),
    ]);
    const istiod = { ...release("istiod", { global: { multiCluster: { clusterName: "east" } } }), ...own };
    const [again, other] = ["https://west.example.com:6443", "https://east.example.com"].map((server) => ({
      ...istiod,
      ...provided("two", server),
    }));
    expect(against(peerGateways, [istiod, ...(again ? [again] : [])])).toEqual([]);
    expect(against(peerGateways, [istiod, ...(other ? [other] : [])])).toEqual([
      expect.stringMatching(
        /^istiod calls its cluster east at https:\/\/east.example.com, as it does at https:\/\/west/,
      ),
    ]);
  });
});

describe("plain-secrets, of kubeconfigs", () => {
  const plain = text();
  const password = text({ user: { token: null, username: "admin", password: "hunter2" } });
  it.each([
    ["a remote secret", remote({ west: plain }), "The token at stringData.west"],
    [
      "one in base64",
      resource("kubernetes:core/v1:Secret", "s", { data: { west: Buffer.from(plain).toString("base64") } }),
      "The token at data.west",
    ],
    ["one as JSON", remote({ west: JSON.stringify(kubeconfig()) }), "The token at stringData.west"],
    ["a provider's", resource("pulumi:providers:kubernetes", "p", { kubeconfig: plain }), "The token at kubeconfig"],
    [
      "one that is a map",
      resource("eks:index:Cluster", "c", { kubeconfig: kubeconfig() }),
      "The token at kubeconfig.users[0].user.token",
    ],
    ["a password", remote({ west: password }), "The password at stringData.west"],
    [
      "one in an annotation",
      resource("kubernetes:core/v1:Secret", "s", {
        metadata: {
          annotations: {
            "kubectl.kubernetes.io/last-applied-configuration": JSON.stringify({ stringData: { west: plain } }),
          },
        },
      }),
      "The token at metadata.annotations",
    ],
    [
      "one in a work of ACM",
      object("work.open-cluster-management.io/v1", "ManifestWork", "mesh", {
        workload: { manifests: [{ apiVersion: "v1", kind: "Secret", stringData: { east: plain } }] },
      }),
      "The token at spec.workload.manifests[0].stringData.east",
    ],
    [
      "a licence among parameters of Argo CD",
      object("argoproj.io/v1alpha1", "Application", "istiod", {
        source: { chart: "istiod", helm: { parameters: [{ name: "license.value", value: token }] } },
      }),
      "The licence key at spec.source.helm.parameters[0].value",
    ],
  ])("see %s, and do not show it", (_what, one, message) => {
    const found = against(plainSecrets, [one]);
    expect(found).toEqual([expect.stringContaining(message)]);
    expect(found[0]).not.toMatch(/eyJ|hunter2/);
  });

  it("let secrets be, what is filled in elsewhere, and what only speaks of tokens", () => {
    const filled = ["${TOKEN}", "<token>", "{{ .token }}", "REDACTED", "***"].map((one) =>
      remote({ west: text({ user: { token: one } }) }),
    );
    const others = [
      resource("kubernetes:core/v1:ConfigMap", "m", { data: { "config.yaml": "token: file\nusers: 3\n" } }),
      remote({ west: text({ user: { token: null, "client-key-data": "LS0t" } }) }),
    ];
    expect(
      against(plainSecrets, [...filled, ...others, remote({ west: plain }, "s", { secrets: ["stringData"] })]),
    ).toEqual([]);
  });

  it("take a short token for one in a remote secret alone", () => {
    const short = text({ user: { token: "short" } });
    expect(against(plainSecrets, [remote({ west: short })])).toHaveLength(1);
    expect(against(plainSecrets, [resource("pulumi:providers:kubernetes", "p", { kubeconfig: short })])).toEqual([]);
  });

  it("finds a private key first", () => {
    const key = Buffer.from(authorityKey()).toString("base64");
    expect(against(plainSecrets, [remote({ west: text({ user: { "client-key-data": key } }) })])).toEqual([
      expect.stringContaining("The private key at stringData.west"),
    ]);
  });
});
