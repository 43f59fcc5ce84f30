import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import type { EngineEvent } from "@pulumi/pulumi/automation";
import { describe, expect, it } from "vitest";
import { namePrefixOf } from "../../../components/clusters";
import environment from "../../..";
import { progressOf } from "../../../rehearsal/progress";
import { parseSettings } from "../../../settings";
import { run } from "../components/mocks";
import { config, kwok } from "../settings/config";

const clusters = new Map([
  ["a-0123abcd", "a"],
  ["a-12345678-89abcdef", "a-12345678"],
]);

const types = {
  command: "command:local:Command",
  release: "kubernetes:helm.sh/v3:Release",
  gateway: "kubernetes:gateway.networking.k8s.io/v1:Gateway",
  secret: "kubernetes:core/v1:Secret",
  deployment: "kubernetes:apps/v1:Deployment",
  rootCertificate: "tls:index/selfSignedCert:SelfSignedCert",
  certificate: "tls:index/locallySignedCert:LocallySignedCert",
};

/** An event of the engine about a resource that it is done with. */
function done(op: string, type: string, name: string): EngineEvent {
  const urn = `urn:pulumi:dev::flatmesh::flatmesh:mesh:Mesh$${type}::${name}`;
  return { sequence: 1, timestamp: 1, resOutputsEvent: { metadata: { op, type, urn } } } as unknown as EngineEvent;
}

const tell = (op: string, type: keyof typeof types, name: string) => progressOf(done(op, types[type], name), clusters);

describe("what a rehearsal tells", () => {
  it.each([
    ["create", "command", "a-0123abcd", "a: API server ready"],
    ["create", "command", "a-12345678-89abcdef", "a-12345678: API server ready"],
    ["create", "release", "a-0123abcd-istiod", "a: istiod ready"],
    ["create-replacement", "release", "a-12345678-89abcdef-ztunnel", "a-12345678: ztunnel ready"],
    ["update", "release", "a-0123abcd-istiod", "a: istiod updated"],
    ["create", "gateway", "a-0123abcd-istio-eastwest", "a: east-west gateway ready"],
    ["create", "gateway", "a-0123abcd-peer-a-12345678", "a: link to a-12345678 created"],
    ["delete", "gateway", "a-0123abcd-peer-b", "a: link to b deleted"],
    ["delete", "secret", "a-0123abcd-remote-secret-b", "a: link to b deleted"],
    ["delete", "deployment", "a-0123abcd-sleep", "a: demo client deleted"],
    ["delete", "command", "b-0123abcd", "b: deleted"],
    ["create", "rootCertificate", "root-second", "root certificate second issued"],
    ["create-replacement", "certificate", "b-intermediate-second", "intermediate certificate for b issued"],
  ] as const)("%s of %s %s: %s", (op, type, name, line) => {
    expect(tell(op, type, name)).toBe(line);
  });

  it.each([
    ["what is the same", "same", "release", "a-0123abcd-istiod"],
    ["what is only to be replaced", "replace", "release", "a-0123abcd-istiod"],
    ["what a replacement leaves", "delete-replaced", "release", "a-0123abcd-istiod"],
    ["a cluster that is kept", "update", "command", "a-0123abcd"],
    ["what goes with its cluster, and nobody deletes", "delete", "release", "b-0123abcd-istiod"],
    ["a certificate that is forgotten", "delete", "certificate", "a-intermediate"],
    ["a command that makes no cluster", "create", "command", "a-0123abcd-mesh-controllers"],
    ["a Secret that makes no link", "create", "secret", "a-0123abcd-cacerts"],
    ["a name that is no cluster's", "create", "release", "owner"],
  ] as const)("says nothing of %s", (_, op, type, name) => {
    expect(tell(op, type, name)).toBeUndefined();
  });

  it("says nothing of what has only begun, or has failed", () => {
    const { resOutputsEvent: event } = done("create", types.release, "a-0123abcd-istiod");
    for (const kind of ["resourcePreEvent", "resOpFailedEvent"]) {
      expect(progressOf({ sequence: 1, timestamp: 1, [kind]: event }, clusters)).toBeUndefined();
    }
    expect(progressOf({ sequence: 1, timestamp: 1, cancelEvent: {} }, clusters)).toBeUndefined();
  });
});

describe("of a real stack", () => {
  const manifests = join(__dirname, "..", "..", "engine", "support", "gateway-api.yaml");

  /** Everything that is told of a stack of two kwok clusters, in the order of the alphabet. */
  async function tellAll(settings: object): Promise<string[]> {
    const texts = config({
      clusters: [kwok("a"), kwok("b")],
      gatewayApi: { version: "v1.4.99", manifests },
      ...settings,
    });
    const scopes = new Map(parseSettings(texts).clusters.map((cluster) => [namePrefixOf(cluster), cluster.name]));
    const { resources } = await run(() => {
      pulumi.runtime.setAllConfig(
        Object.fromEntries(Object.entries(texts).map(([key, text]) => [`flatmesh:${key}`, text])),
      );
      return environment();
    });
    return resources.flatMap(({ type, name }) => progressOf(done("create", type, name), scopes) ?? []).sort();
  }

  const inBoth = (...lines: readonly string[]) => ["a", "b"].flatMap((name) => lines.map((line) => `${name}: ${line}`));
  const always = [
    ...inBoth("API server ready", "Istio's resource definitions installed", "istio-cni ready", "istiod ready"),
    ...inBoth("ztunnel ready"),
    "intermediate certificate for a issued",
    "intermediate certificate for b issued",
    "root certificate issued",
  ];

  it("tells of every link, gateway and part of the demo, under the names that the program gives them", async () => {
    const solo = { license: "a-licence", istioVersion: "1.29.0", demo: { sidecars: true } };
    expect(await tellAll(solo)).toEqual(
      [
        ...always,
        ...inBoth("demo client ready", "demo client with a sidecar ready", "demo service ready"),
        ...inBoth("demo service with sidecars ready", "east-west gateway ready"),
        "a: link to b created",
        "b: link to a created",
      ].sort(),
    );
  });

  it("tells of links by the peering chart, and by remote secrets", async () => {
    const chart = { license: "a-licence", istioVersion: "1.29.0", linkMethod: "chart" };
    expect(await tellAll(chart)).toEqual(
      [...always, ...inBoth("east-west gateway ready", "links to its peers created")].sort(),
    );
    expect(await tellAll({ distribution: "community" })).toEqual(
      [...always, "a: link to b created", "b: link to a created"].sort(),
    );
  });
});
