import { beforeAll, describe, expect, it } from "vitest";
import { intermediates } from "../../../checks/mesh/intermediates";
import type { Cluster, ClusterReader } from "../../../checks/inventory";
import { cacerts, digitalSignature, type Issued, issue, keyCertSign, parsed } from "./certificates";
import { fakeCluster, hollowNode, realNode } from "./fake-cluster";
import { bad, good, look } from "./run-check";

let signed: { readonly root: Issued; readonly east: Issued; readonly west: Issued };
beforeAll(async () => {
  const root = await issue("Root CA");
  signed = {
    root,
    east: await issue("east", { by: root, usage: keyCertSign | digitalSignature, pathLength: 0 }),
    west: await issue("west", { by: root }),
  };
});

const istiod = {
  metadata: { name: "istiod", namespace: "istio-system", labels: { app: "istiod" } },
  spec: { selector: { matchLabels: { istio: "pilot" } }, template: { spec: { containers: [] } } },
};
const pod = {
  metadata: { name: "istiod-1", namespace: "istio-system", labels: { istio: "pilot" } },
  spec: {},
  status: { phase: "Running", conditions: [{ type: "Ready", status: "True" }] },
};

function cluster(
  name: string,
  own: object | undefined,
  issuer?: Issued,
  { node = realNode, pods = [pod] }: { readonly node?: object; readonly pods?: readonly object[] } = {},
): Cluster {
  const overrides: Partial<ClusterReader> = issuer ? { issuer: () => Promise.resolve(parsed(issuer)) } : {};
  return fakeCluster(
    name,
    {
      "/api/v1/nodes": [node],
      "/api/v1/pods": pods,
      "/apis/apps/v1/deployments": [istiod],
      ...(own && { "/api/v1/namespaces/istio-system/secrets/cacerts": own }),
    },
    overrides,
  );
}

const withEast = (files: Readonly<Record<string, string>> = {}, intermediate = signed.east) =>
  cluster("east", cacerts(intermediate, [signed.root], files), intermediate);

describe("an intermediate of one's own", () => {
  it("is told, and that istiod signs with it", async () => {
    const west = cluster("west", cacerts(signed.west, [signed.root]), signed.west);
    const findings = await look(intermediates, [withEast(), west]);
    expect(bad(findings)).toEqual([]);
    expect(good(findings)).toEqual([
      expect.stringMatching(/^passed east: intermediate [0-9a-f]+ of root [0-9a-f]{8}, until [\d-]+ \(1000 days\)$/),
      "passed east: pod istio-system/istiod-1 signs with it",
      expect.stringMatching(/^passed west/),
      expect.stringMatching(/^passed west/),
      "passed between: 2 clusters have their own keys",
    ]);
  });

  it("may have its chain in any order, with an authority in between", async () => {
    const middle = await issue("middle", { by: signed.root });
    const below = await issue("east", { by: middle });
    const chain = signed.root.pem + middle.pem + below.pem;
    expect(bad(await look(intermediates, [withEast({ "cert-chain.pem": chain }, below)]))).toEqual([]);
  });

  it("is looked at on kwok, where no istiod runs", async () => {
    const hollow = { node: hollowNode };
    const own = cluster("east", cacerts(signed.east, [signed.root]), undefined, hollow);
    const findings = await look(intermediates, [own]);
    expect(bad(findings)).toEqual([]);
    expect(good(findings)).toContainEqual(expect.stringMatching(/^notObservable east/));
    const broken = cluster("east", cacerts(signed.east, [signed.root], { "ca-key.pem": "" }), undefined, hollow);
    expect(bad(await look(intermediates, [broken]))).toHaveLength(1);
  });
});

describe("a fault of an intermediate", () => {
  it("is that there is none", async () => {
    expect(bad(await look(intermediates, [cluster("east", undefined)]))).toEqual([
      "failed east: Secret istio-system/cacerts does not exist: the cluster has no intermediate",
    ]);
    expect(bad(await look(intermediates, [withEast({ "ca-cert.pem": "" })]))).toEqual([
      expect.stringMatching(/^failed east: .* has no certificate \(ca-cert.pem\)/),
    ]);
  });

  it("is one key for two", async () => {
    const west = cluster("west", cacerts(signed.east, [signed.root]), signed.east);
    expect(bad(await look(intermediates, [withEast(), west]))).toEqual([
      expect.stringMatching(/^failed between: east and west sign with the same key/),
    ]);
    const renewed = await issue("other", { by: signed.root, keys: signed.east });
    const again = cluster("west", cacerts(renewed, [signed.root]), renewed);
    expect(bad(await look(intermediates, [withEast(), again]))).toHaveLength(1);
  });

  it("is the root itself", async () => {
    expect(bad(await look(intermediates, [withEast({}, signed.root)]))).toEqual([
      expect.stringMatching(/is the root itself/),
    ]);
  });

  it("is another signer, no authority, no right to sign, an end, or a beginning to come", async () => {
    const faults: readonly [Parameters<typeof issue>[1], RegExp][] = [
      [{}, /^failed east: .* is not signed by any of the roots in its root-cert.pem/],
      [{ by: signed.root, ca: false }, /^failed east: .* is not the certificate of a CA/],
      [{ by: signed.root, usage: digitalSignature }, /^failed east: .* its key usage lacks keyCertSign/],
      [{ by: signed.root, since: -20, days: -1 }, /^failed east: .* expired on/],
      [{ by: signed.root, since: 2 }, /^failed east: .* is not valid before/],
      [{ by: signed.root, days: 12 }, /^warning east: .* in 12 days/],
    ];
    for (const [wanted, message] of faults) {
      const found = await look(intermediates, [withEast({}, await issue("east", wanted))]);
      expect(bad(found)).toEqual([expect.stringMatching(message)]);
    }
  });

  it("is an authority between that may not have one below it", async () => {
    const middle = await issue("middle", { by: signed.root, pathLength: 0 });
    const below = await issue("east", { by: middle });
    const files = { "cert-chain.pem": below.pem + middle.pem };
    expect(bad(await look(intermediates, [withEast(files, below)]))).toEqual([
      expect.stringMatching(
        /^failed east: an authority above the intermediate .* \(CN=middle\) allows no intermediate/,
      ),
    ]);
  });

  it("is that of cert-manager's names where both stand there", async () => {
    const foreign = await issue("east", { by: await issue("Other CA") });
    const both = { "tls.crt": foreign.pem, "tls.key": foreign.key, "ca.crt": signed.root.pem };
    expect(bad(await look(intermediates, [withEast(both)]))).toContainEqual(
      expect.stringMatching(/\(tls.crt\) is not signed by any of the roots in its ca.crt/),
    );
  });

  it("is a private key that is missing, no key, or another's, and is never quoted", async () => {
    const secretText = "-----BEGIN PRIVATE KEY-----\nc2VjcmV0\n-----END PRIVATE KEY-----";
    for (const [key, message] of [
      [secretText, /has no readable private key: ca-key.pem is a private key that can't be decoded/],
      ["", /has no readable private key: ca-key.pem is empty/],
      [signed.west.key, /the private key \(ca-key.pem\) does not match the certificate/],
    ] as const) {
      const findings = await look(intermediates, [withEast({ "ca-key.pem": key })]);
      expect(bad(findings)).toEqual([expect.stringMatching(message)]);
      expect(JSON.stringify(findings)).not.toMatch(/c2VjcmV0|PRIVATE KEY-/);
    }
  });

  it("is an istiod that signs with something else, or does not tell", async () => {
    const other = await issue("self-signed");
    expect(bad(await look(intermediates, [cluster("east", cacerts(signed.east, [signed.root]), other)]))).toEqual([
      expect.stringMatching(
        /^failed east: pod istio-system\/istiod-1 signs with [0-9a-f]+ \(CN=self-signed\) instead of/,
      ),
    ]);
    expect(bad(await look(intermediates, [cluster("east", cacerts(signed.east, [signed.root]))]))).toEqual([
      expect.stringMatching(/^unknown east: it is unknown whether pod istio-system\/istiod-1 signs with it/),
    ]);
    const none = cluster("east", cacerts(signed.east, [signed.root]), signed.east, { pods: [] });
    expect(bad(await look(intermediates, [none]))).toEqual([
      expect.stringMatching(/^unknown east: .* no pod of istiod is Ready/),
    ]);
  });
});
