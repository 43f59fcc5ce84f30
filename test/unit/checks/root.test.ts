import { beforeAll, describe, expect, it } from "vitest";
import { root } from "../../../checks/mesh/root";
import type { Cluster } from "../../../checks/inventory";
import { Forbidden } from "../../../kubernetes";
import { cacerts, digitalSignature, type Issued, issue, published, secret } from "./certificates";
import { fakeCluster, hollowNode, realNode } from "./fake-cluster";
import { bad, good, look } from "./run-check";

let roots: { readonly old: Issued; readonly next: Issued; readonly soon: Issued };
let signed: { readonly east: Issued; readonly west: Issued; readonly eastOfNext: Issued };
beforeAll(async () => {
  const old = await issue("Root CA");
  const next = await issue("Root CA");
  const soon = await issue("Root CA", { days: 20 });
  const east = await issue("east", { by: old });
  const west = await issue("west", { by: old });
  const eastOfNext = await issue("east", { by: next });
  roots = { old, next, soon };
  signed = { east, west, eastOfNext };
});

/** A cluster with real nodes whose istiod has told two namespaces of what its Secret has. */
function cluster(name: string, own: object, told: readonly object[], node: object = realNode): Cluster {
  return fakeCluster(name, {
    "/api/v1/nodes": [node],
    "/api/v1/namespaces/istio-system/secrets/cacerts": own,
    "/api/v1/configmaps": told,
  });
}

const everywhere = (trusted: readonly Issued[]) => [published("istio-system", trusted), published("demo", trusted)];

function healthy(name: "east" | "west", trusted = [roots.old], intermediate = signed[name]): Cluster {
  return cluster(name, cacerts(intermediate, trusted), everywhere(trusted));
}

const expected = () => ({ roots: { trusted: { first: roots.old.pem }, signing: "first" } });

describe("a root that all linked clusters trust", () => {
  it("is told with its days", async () => {
    const findings = await look(root, [healthy("east"), healthy("west")], expected());
    expect(bad(findings)).toEqual([]);
    expect(good(findings)).toEqual([
      expect.stringMatching(/^passed east: Secret istio-system\/cacerts has root first \(until [\d-]+, 1000 days\)$/),
      "passed east: ConfigMap istio-ca-root-cert has the same roots in all 2 namespaces that have one",
      expect.stringMatching(/^passed west/),
      expect.stringMatching(/^passed west/),
      "passed between: the linked pair accepts each other's certificates",
    ]);
  });

  it("may come from cert-manager, and of a mesh that nobody has described", async () => {
    const own = secret("cacerts", {
      "tls.crt": signed.east.pem,
      "tls.key": signed.east.key,
      "ca.crt": roots.old.pem,
    });
    expect(bad(await look(root, [cluster("east", own, everywhere([roots.old])), healthy("west")]))).toEqual([]);
  });

  it("may be two, while one replaces the other, and each stage is fine", async () => {
    const both = [roots.old, roots.next];
    expect(bad(await look(root, [healthy("east", both), healthy("west", both)]))).toEqual([]);
    expect(bad(await look(root, [healthy("east", both, signed.eastOfNext), healthy("west", both)]))).toEqual([]);
    // A first cluster trusts both already.
    expect(bad(await look(root, [healthy("east", both), healthy("west")]))).toEqual([]);
  });

  it("is looked at on kwok, where nobody publishes it", async () => {
    const own = cluster("east", cacerts(signed.east, [roots.old]), [], hollowNode);
    expect(good(await look(root, [own]))).toContainEqual(expect.stringMatching(/^notObservable east: no istiod runs/));
    const stale = cluster("east", cacerts(signed.east, [roots.old]), [published("demo", [roots.next])], hollowNode);
    expect(bad(await look(root, [stale]))).toEqual([
      expect.stringMatching(/^failed east: .* of namespace demo differs/),
    ]);
  });
});

describe("a fault of the root", () => {
  it("is no Secret", async () => {
    const own = fakeCluster("east", { "/api/v1/nodes": [realNode] });
    expect(bad(await look(root, [own]))).toEqual([
      expect.stringMatching(/^failed east: Secret istio-system\/cacerts does not exist/),
    ]);
  });

  it("is a linked cluster that does not accept another's certificates", async () => {
    const other = healthy("east", [roots.next], signed.eastOfNext);
    expect(bad(await look(root, [other, healthy("west")]))).toEqual([
      expect.stringMatching(
        /^failed between: east does not accept certificates of west: .*; west does not accept certificates of east/,
      ),
    ]);
    const unlinked = { links: [] };
    expect(bad(await look(root, [other, healthy("west")], unlinked))).toEqual([]);
  });

  it("is one that trusts only the new root before all are signed by it", async () => {
    const ahead = healthy("east", [roots.next], signed.eastOfNext);
    const behind = healthy("west", [roots.old, roots.next]);
    expect(bad(await look(root, [ahead, behind]))).toEqual([
      expect.stringMatching(/^failed between: east does not accept certificates of west: [^;]*$/),
    ]);
  });

  it.each([
    ["chains to none of the roots", () => cacerts(signed.eastOfNext, [roots.old])],
    ["has no root", () => cacerts(signed.east, [], { "cert-chain.pem": "" })],
    [
      "its root-cert.pem has a certificate that can't be read",
      () =>
        cacerts(signed.east, [], { "root-cert.pem": "-----BEGIN CERTIFICATE-----\nAA\n-----END CERTIFICATE-----\n" }),
    ],
  ])("is that it %s", async (message, own) => {
    const found = bad(await look(root, [cluster("east", own(), everywhere([roots.old]))]));
    expect(found).toContainEqual(expect.stringMatching(new RegExp(`^failed east: Secret istio-system/cacerts.*`)));
    expect(found.join("\n")).toContain(message);
  });

  it("is a namespace with a stale root, named once for all that have it", async () => {
    const told = [...everywhere([roots.old]), ...["a", "b"].map((name) => published(name, [roots.next]))];
    const [fault, ...others] = bad(await look(root, [cluster("east", cacerts(signed.east, [roots.old]), told)]));
    expect(fault).toMatch(
      /of namespace a, b differs from Secret cacerts: it lacks root [0-9a-f]{8}, and has root [0-9a-f]{8}/,
    );
    expect(others).toEqual([]);
  });

  it("is an istiod that has told nobody", async () => {
    const own = cluster("east", cacerts(signed.east, [roots.old]), []);
    expect(bad(await look(root, [own]))).toEqual([
      expect.stringMatching(/^failed east: ConfigMap istio-system\/istio-ca-root-cert does not exist/),
    ]);
  });

  it("is a root that ends soon, has ended, or may not sign", async () => {
    const ofSoon = await issue("east", { by: roots.soon });
    const ending = cluster("east", cacerts(ofSoon, [roots.soon]), everywhere([roots.soon]));
    expect(bad(await look(root, [ending]))).toEqual([
      expect.stringMatching(/^warning east: root .* expires on [\d-]+, in 20 days/),
    ]);
    const past = await issue("Root CA", { since: -30, days: -2 });
    const ofPast = await issue("east", { by: past });
    const ended = cluster("east", cacerts(ofPast, [past]), everywhere([past]));
    expect(bad(await look(root, [ended]))).toEqual([expect.stringMatching(/^failed east: root .* expired on/)]);
    const leaf = await issue("Root CA", { ca: false, usage: digitalSignature });
    const ofLeaf = await issue("east", { by: leaf });
    const found = bad(await look(root, [cluster("east", cacerts(ofLeaf, [leaf]), everywhere([leaf]))]));
    expect(found).toContainEqual(expect.stringMatching(/may not sign certificates/));
    const short = await issue("Root CA", { pathLength: 0 });
    const ofShort = await issue("east", { by: short });
    const refused = cluster("east", cacerts(ofShort, [short]), everywhere([short]));
    expect(bad(await look(root, [refused]))).toEqual([expect.stringMatching(/allows no intermediate below it/)]);
  });

  it("is a root that the stack does not have, lacks, or does not sign with", async () => {
    const both = [roots.old, roots.next];
    expect(bad(await look(root, [healthy("east", both)], expected()))).toEqual([
      expect.stringMatching(/^failed east: .* has root [0-9a-f]{8}, which is not one of the stack's/),
    ]);
    const stack = (signing: string) => ({
      roots: { trusted: { first: roots.old.pem, "2027": roots.next.pem }, signing },
    });
    expect(bad(await look(root, [healthy("east")], stack("first")))).toEqual([
      "failed east: Secret istio-system/cacerts does not have the stack's root 2027",
    ]);
    expect(bad(await look(root, [healthy("east", both)], stack("2027")))).toEqual([
      "failed east: Secret istio-system/cacerts chains to root first instead of 2027, which signs in the stack",
    ]);
  });

  it("is not known where the Secret may not be read", async () => {
    const own = fakeCluster("east", {
      "/api/v1/namespaces/istio-system/secrets/cacerts": new Forbidden("secrets is forbidden"),
    });
    expect(bad(await look(root, [own]))).toEqual([expect.stringMatching(/^unknown east: .*secrets is forbidden/)]);
  });
});
