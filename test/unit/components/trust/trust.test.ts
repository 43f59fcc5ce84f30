import * as pulumi from "@pulumi/pulumi";
import { beforeAll, describe, expect, it, onTestFinished, vi } from "vitest";
import type { SignedIntermediate } from "../../../../stacks/peer-outputs";
import { cacertsSecret, createTrust, type Intermediate } from "../../../../components/trust";
import { bundle } from "../../../../components/trust/root-bundle";
import type { RootSettings, Settings } from "../../../../settings";
import { certify, privateKeyOf, type TestCertificate } from "../../../support/authorities";
import { parse } from "../../settings/config";
import { authorityKey, rootCertificate } from "../peering/certificates";
import { type Recorded, type World, refusals, run, valueOf } from "../mocks";
import { clustersOf, noTrust, preflightOf } from "../preflight";

const uses = ["digital_signature", "content_commitment", "key_encipherment", "cert_signing", "crl_signing"];

describe.each([false, true])("a generated root, preview %s", (preview) => {
  it("is an authority of one level below it", async () => {
    const { one } = await trust({ root: { generate: {} } }, { preview });
    expect(one("SelfSignedCert").inputs).toEqual({
      privateKeyPem: preview ? undefined : "private key of root\n",
      subject: { organization: "Istio", commonName: "Root CA" },
      isCaCertificate: true,
      maxPathLength: 1,
      allowedUses: uses,
      setSubjectKeyId: true,
      validityPeriodHours: 3650 * 24,
      earlyRenewalHours: 365 * 24,
    });
    expect(one("PrivateKey", "root").inputs).toEqual({ algorithm: "ECDSA", ecdsaCurve: "P384" });
  });

  it("signs an intermediate a cluster, each with a key of its own", async () => {
    const { all, one, value } = await trust({ root: { generate: {} } }, { preview });
    expect([...value.intermediates.keys()]).toEqual(["a", "b"]);
    expect(all("LocallySignedCert")).toHaveLength(2);
    for (const cluster of ["a", "b"]) {
      const name = `${cluster}-intermediate`;
      expect(one("PrivateKey", name).inputs).toEqual({ algorithm: "ECDSA", ecdsaCurve: "P256" });
      expect(one("CertRequest", name).inputs).toEqual({
        privateKeyPem: preview ? undefined : `private key of ${name}\n`,
        subject: { organization: "Istio", commonName: "Intermediate CA", locality: cluster },
        dnsNames: ["istiod.istio-system.svc"],
      });
      expect(one("LocallySignedCert", name).inputs).toEqual({
        certRequestPem: preview ? undefined : `request of ${name}\n`,
        caCertPem: preview ? undefined : "certificate of root\n",
        caPrivateKeyPem: preview ? undefined : "private key of root\n",
        isCaCertificate: true,
        maxPathLength: 0,
        allowedUses: uses,
        setSubjectKeyId: true,
        validityPeriodHours: 730 * 24,
        earlyRenewalHours: 90 * 24,
      });
    }
  });
});

describe("an intermediate", () => {
  it("comes with the chain up to the root, which is in the clear", async () => {
    const { value } = await trust({ root: { generate: {} } });
    const b = intermediate(value.intermediates, "b");
    expect(await valueOf(b.chain)).toBe("certificate of b-intermediate\ncertificate of root\n");
    expect(await valueOf(b.rootCertificate)).toBe("certificate of root\n");
    expect(value.rootCertificate && (await valueOf(value.rootCertificate))).toBe("certificate of root\n");
    expect(await Promise.all([b.certificate, b.chain, b.rootCertificate].map(pulumi.isSecret))).not.toContain(true);
  });

  it("has its key kept secret", async () => {
    const { one, value } = await trust({ root: { generate: {} } });
    expect(await pulumi.isSecret(intermediate(value.intermediates, "a").privateKey)).toBe(true);
    expect(one("CertRequest", "a-intermediate").secrets).toEqual(["privateKeyPem"]);
    expect(one("LocallySignedCert", "a-intermediate").secrets).toEqual(["caPrivateKeyPem"]);
  });

  it("lives and is renewed as the settings have it", async () => {
    const generate = {
      rootValidityDays: 1000,
      rootRenewBeforeDays: 100,
      intermediateValidityDays: 60,
      renewBeforeDays: 20,
      algorithm: "RSA",
    };
    const { all, one } = await trust({ root: { generate } });
    expect(one("SelfSignedCert").inputs).toMatchObject({ validityPeriodHours: 24_000, earlyRenewalHours: 2400 });
    expect(one("LocallySignedCert", "b-intermediate").inputs).toMatchObject({
      validityPeriodHours: 1440,
      earlyRenewalHours: 480,
    });
    expect(all("PrivateKey").map(({ inputs }) => inputs)).toEqual([
      { algorithm: "RSA", rsaBits: 4096 },
      { algorithm: "RSA", rsaBits: 4096 },
      { algorithm: "RSA", rsaBits: 4096 },
    ]);
  });
});

describe("the stages of replacing a generated root", () => {
  const named = (resources: readonly Recorded[]) =>
    resources.map(({ type, name }) => `${type.replace(/^.*:/, "")} ${name}`);
  const before = { generate: {}, trusted: ["first", 2027], signing: "first" };

  it("first has a second root beside the old one, which goes on signing", async () => {
    const old = await trust({ root: { generate: {} } });
    const { resources, value } = await trust({ root: before });
    const added = named(resources).filter((one) => !named(old.resources).includes(one));
    expect(added.sort()).toEqual(["PrivateKey root-2027", "RootCa root-2027", "SelfSignedCert root-2027"]);
    expect(resources.find(({ type, name }) => /SelfSigned/.test(type) && name === "root-2027")?.inputs).toMatchObject({
      subject: { organization: "Istio", commonName: "Root CA 2027" },
    });
    const a = intermediate(value.intermediates, "a");
    const both = "certificate of root\ncertificate of root-2027\n";
    expect(await valueOf(a.chain)).toBe("certificate of a-intermediate\ncertificate of root\n");
    expect(await valueOf(a.rootCertificate)).toBe(both);
    expect(value.rootCertificate && (await valueOf(value.rootCertificate))).toBe(both);
    expect(value.roots?.signing).toBe("first");
    expect(Object.keys(value.roots?.trusted ?? {}).sort()).toEqual(["2027", "first"]);
  });

  it("then has the new one sign, through an intermediate of its own", async () => {
    const { all, one, value } = await trust({ root: { ...before, signing: 2027 } });
    expect(named(all("LocallySignedCert"))).toEqual([
      "LocallySignedCert a-intermediate-2027",
      "LocallySignedCert b-intermediate-2027",
    ]);
    expect(one("LocallySignedCert", "a-intermediate-2027").inputs).toMatchObject({
      caCertPem: "certificate of root-2027\n",
      caPrivateKeyPem: "private key of root-2027\n",
    });
    const a = intermediate(value.intermediates, "a");
    expect(await valueOf(a.chain)).toBe("certificate of a-intermediate-2027\ncertificate of root-2027\n");
    expect(await valueOf(a.rootCertificate)).toBe("certificate of root\ncertificate of root-2027\n");
  });

  it("at last has the new one alone", async () => {
    const { resources, value } = await trust({ root: { generate: {}, trusted: [2027] } });
    expect(named(resources).filter((name) => /( root|intermediate)$/.test(name))).toEqual([]);
    expect(await valueOf(intermediate(value.intermediates, "a").rootCertificate)).toBe("certificate of root-2027\n");
  });

  it("hands both roots on to the clusters of other stacks", async () => {
    const { value } = await trust({ root: { ...before, generate: { issueFor: ["c"] }, signing: 2027 } });
    expect(await valueOf(value.issued?.["c"] ?? pulumi.output(undefined))).toMatchObject({
      chain: "certificate of c-intermediate-2027\ncertificate of root-2027\n",
      rootCertificate: "certificate of root\ncertificate of root-2027\n",
    });
  });
});

describe("several roots as one text", () => {
  it("stay a single one as it is, and two in the same order whoever gives them", () => {
    expect(bundle(["a root"])).toBe("a root");
    expect(bundle(["root b", "root a\n"])).toBe("root a\nroot b\n");
    expect(bundle(["root a\n", "root b"])).toBe("root a\nroot b\n");
  });
});

describe("the Secret cacerts", () => {
  it("has the four files that istiod reads", async () => {
    const { one } = await run(() => {
      const settings = parse();
      const { intermediates } = createTrust(settings, noTrust);
      const [cluster] = clustersOf(settings);
      return cacertsSecret("a-1-cacerts", intermediate(intermediates, "a"), { provider: cluster?.provider });
    });
    const { inputs, secrets } = one("Secret");
    expect(inputs["metadata"]).toEqual({ name: "cacerts", namespace: "istio-system" });
    expect(inputs["stringData"]).toEqual({
      "ca-cert.pem": "certificate of a-intermediate\n",
      "ca-key.pem": "private key of a-intermediate\n",
      "root-cert.pem": "certificate of root\n",
      "cert-chain.pem": "certificate of a-intermediate\ncertificate of root\n",
    });
    expect(secrets).toContain("stringData");
  });
});

describe("the root's key", () => {
  it("stays when the settings ask for another algorithm, and says so", async () => {
    const warn = vi.spyOn(pulumi.log, "warn").mockResolvedValue();
    await trust({ root: { generate: { algorithm: "RSA" } } }, { keptAlgorithm: "ECDSA" });
    expect(warn.mock.calls.map(([message]) => message)).toEqual([
      "root.generate.algorithm asks for RSA, but the root's key is ECDSA and stays as it is: a new key would end all trust in " +
        "the old one. Set the algorithm back to ECDSA, or replace the root: docs/root-rotation.md#the-three-stages",
    ]);
    warn.mockClear();
    await trust({ root: { generate: { algorithm: "RSA" } } });
    expect(warn).not.toHaveBeenCalled();
    warn.mockRestore();
  });
});

describe("a given root", () => {
  const certificate = rootCertificate(authorityKey());
  const root: RootSettings = {
    source: "given",
    certificate,
    alsoTrusted: [],
    privateKey: "given key\n",
    algorithm: "ECDSA",
    intermediateValidityDays: 10,
    renewBeforeDays: 2,
    issueFor: [],
  };

  it("signs the intermediates, and its key is a secret", async () => {
    const { all, one, value } = await run(() => createTrust({ ...parse(), root }, noTrust));
    expect(all("SelfSignedCert")).toEqual([]);
    const { inputs, secrets } = one("LocallySignedCert", "a-intermediate");
    expect(inputs).toMatchObject({
      caCertPem: certificate,
      caPrivateKeyPem: "given key\n",
      validityPeriodHours: 240,
      earlyRenewalHours: 48,
    });
    expect(secrets).toEqual(["caPrivateKeyPem"]);
    expect(Object.values(value.roots?.trusted ?? {})).toEqual([certificate]);
    const a = intermediate(value.intermediates, "a");
    expect(await valueOf(a.chain)).toBe(`certificate of a-intermediate\n${certificate}`);
  });
});

describe("a given root beside another one", () => {
  it("has that trusted as well, by the name that its key gives it", async () => {
    const privateKey = authorityKey();
    const certificate = rootCertificate(privateKey);
    const other = rootCertificate(authorityKey());
    const { value } = await trust({ root: { certificate, privateKey, alsoTrusted: [other] } });
    const a = intermediate(value.intermediates, "a");
    expect(await valueOf(a.chain)).toBe(`certificate of a-intermediate\n${certificate}`);
    expect(await valueOf(a.rootCertificate)).toBe(bundle([certificate, other]));
    const { trusted = {}, signing = "" } = value.roots ?? {};
    expect(Object.keys(trusted).every((name) => /^[0-9a-f]{8}$/.test(name))).toBe(true);
    expect(trusted[signing]).toBe(certificate);
  });
});

describe("cacerts that someone else keeps", () => {
  it("are left alone", async () => {
    const { resources, value } = await trust({ root: { existing: true } });
    expect(resources).toEqual([]);
    expect(value.intermediates.size).toBe(0);
    expect(value.rootCertificate).toBeUndefined();
  });
});

describe("a root for several stacks", () => {
  const keeper = "organization/flatmesh/keeper";
  let root: TestCertificate;
  let signed: (cluster: string) => SignedIntermediate;
  beforeAll(async () => {
    root = await certify("Root CA");
    const all = new Map<string, SignedIntermediate>();
    for (const cluster of ["a", "b"]) {
      const own = await certify(`Intermediate CA of ${cluster}`, root);
      const chain = own.pem + root.pem;
      const privateKey = privateKeyOf(own);
      all.set(cluster, { certificate: own.pem, privateKey, chain, rootCertificate: root.pem });
    }
    signed = (cluster) => all.get(cluster) ?? signed("a");
  });

  it("signs for the clusters that it is told of, and hands over everything but its own key, as a secret", async () => {
    const { value } = await trust({ root: { generate: { issueFor: ["c"] } } });
    expect([...value.intermediates.keys()]).toEqual(["a", "b"]);
    expect(Object.keys(value.issued ?? {})).toEqual(["c"]);
    const issued = value.issued?.["c"] ?? pulumi.output(undefined);
    expect(await pulumi.isSecret(issued)).toBe(true);
    expect(await valueOf(issued)).toEqual({
      certificate: "certificate of c-intermediate\n",
      privateKey: "private key of c-intermediate\n",
      chain: "certificate of c-intermediate\ncertificate of root\n",
      rootCertificate: "certificate of root\n",
    });
  });

  it.each([
    ["by this version", () => ({ a: pulumi.secret(signed("a")), b: pulumi.secret(signed("b")) })],
    ["before each had an output of its own", () => pulumi.secret({ a: signed("a"), b: signed("b") })],
  ])("has signed for the clusters of a stack that uses it, %s", async (_, handedOver) => {
    const intermediates = handedOver();
    const { all, value } = await trust({ root: { stack: keeper } }, { stacks: { [keeper]: { intermediates } } });
    expect(all("PrivateKey")).toEqual([]);
    const a = intermediate(value.intermediates, "a");
    expect(await valueOf(a.privateKey)).toBe(signed("a").privateKey);
    expect(await valueOf(a.chain)).toBe(signed("a").chain);
    expect(await Promise.all([a.privateKey, a.certificate, a.chain, a.rootCertificate].map(pulumi.isSecret))).toEqual([
      true,
      false,
      false,
      false,
    ]);
    expect(value.rootCertificate && (await valueOf(value.rootCertificate))).toBe(root.pem);
  });

  it.each([
    ["for a cluster that it has not signed for", () => ({ intermediates: { a: signed("a") } }), "b"],
    ["where it has signed for nobody", () => ({ clusters: {} }), "a, b"],
  ])("says what to do there %s", async (_, outputs, missing) => {
    expect(await refusals(() => trust({ root: { stack: keeper } }, { stacks: { [keeper]: outputs() } }))).toEqual([
      `root.stack: stack ${keeper} has signed no intermediate for ${missing}. Add what is missing to issueFor in the root ` +
        "setting there and run pulumi up on it, then repeat this one.",
    ]);
  });

  it.each<[string, () => object, string]>([
    ["can't be decrypted", () => ({}), "intermediates can't be decrypted by whoever runs this"],
    ["can't be decrypted by itself", () => ({ a: {} }), "intermediates.a can't be decrypted by whoever runs this"],
    ["is no map", () => ({ a: "a" }), "intermediates.a is not a map"],
    [
      "has another's key",
      () => ({ a: { ...signed("a"), privateKey: signed("b").privateKey } }),
      "intermediates.a.privateKey is not the private key of the certificate next to it",
    ],
    [
      "has more than its key",
      () => ({ a: { ...signed("a"), privateKey: `# comment\n${signed("a").privateKey}` } }),
      "intermediates.a.privateKey is not the private key",
    ],
    [
      "is signed by another root",
      () => ({ a: { ...signed("a"), rootCertificate: rootCertificate(authorityKey()) } }),
      "intermediates.a.certificate is not signed by any of the roots next to it",
    ],
    [
      "has a chain of something else",
      () => ({ a: { ...signed("a"), chain: signed("a").privateKey } }),
      "intermediates.a.chain is a private key, not a certificate",
    ],
  ])("is not taken where an intermediate %s", async (_, intermediates, fault) => {
    const stacks = { [keeper]: { clusters: {}, intermediates: intermediates() } };
    const said = await refusals(() => trust({ root: { stack: keeper } }, { stacks }));
    expect(said).toEqual([
      expect.stringContaining(`root.stack: what stack ${keeper} says in its outputs can't be used`),
    ]);
    expect(said[0]).toContain(fault);
    expect(said[0]).not.toContain("PRIVATE KEY");
  });

  it.each([
    ["was never made", {}],
    ["was destroyed, or not deployed yet", { [keeper]: {} }],
  ])("says where it %s", async (_, stacks) => {
    expect(await refusals(() => trust({ root: { stack: keeper } }, { stacks }))).toEqual([
      expect.stringMatching(
        /^root\.stack: stack \S+ has no root of trust: .* restore its root first: a new one would take its place\.$/,
      ),
    ]);
  });

  it("says that the backend does not answer where it does not", async () => {
    const { invoke } = pulumi.runtime;
    const spy = vi
      .spyOn(pulumi.runtime, "invoke")
      .mockImplementation((token, inputs, options) =>
        inputs["name"] === keeper ? Promise.reject(new Error("401 Unauthorized")) : invoke(token, inputs, options),
      );
    onTestFinished(() => {
      spy.mockRestore();
    });
    expect(await refusals(() => trust({ root: { stack: keeper } }))).toEqual([
      `root.stack: the outputs of stack ${keeper} can't be read: 401 Unauthorized`,
    ]);
  });
});

async function trustOf(settings: Settings) {
  return createTrust(settings, (await preflightOf(settings)).trust);
}

function trust(settings: object, world: World = {}) {
  return run(() => trustOf(parse({ ...settings })), world);
}

function intermediate(all: ReadonlyMap<string, Intermediate>, cluster: string): Intermediate {
  const found = all.get(cluster);
  if (found === undefined) {
    throw new Error(`no intermediate for ${cluster}`);
  }
  return found;
}
