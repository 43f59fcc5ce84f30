import { describe, expect, it } from "vitest";
import { readDump } from "../../../istio/proxy-dump";
import { certify, envoyDump, ztunnelDump } from "../../support/authorities";

const uri = "spiffe://cluster.local/ns/demo/sa/sleep";

describe("what a proxy tells of its certificates", () => {
  it("is read of both kinds, and of ztunnels that still have the root in the chain and the text as it is", async () => {
    const root = await certify("Root CA");
    const { pem } = await certify("leaf", root, uri);
    const seen = [
      readDump("p", ztunnelDump([{ chain: [pem], roots: [root.pem] }])),
      readDump("p", envoyDump([pem], [root.pem])),
      readDump("p", {
        certificates: [{ identity: uri, state: "Available", certChain: [{ pem }, { pem: root.pem }] }],
      }),
    ].map((dump) => dump?.certificates.map(({ chain, roots }) => [chain[0]?.toString().trim(), roots[0]?.subject]));
    expect(seen).toEqual([1, 2, 3].map(() => [[pem.trim(), "CN=Root CA"]]));
  });

  it("is nothing for a certificate that is yet to be had", () => {
    const dump = readDump("p", { certificates: [{ identity: uri, state: "Initializing" }] });
    expect(dump?.certificates).toEqual([]);
  });

  it.each([
    ["another program's answer", { hello: "world" }],
    ["a certificate without text", { certificates: [{ identity: uri, state: "Available" }] }],
    [
      "a certificate that is none",
      ztunnelDump([{ chain: ["-----BEGIN CERTIFICATE-----\nx\n-----END CERTIFICATE-----"], roots: [] }]),
    ],
    ["a gateway without certificate", { configs: [] }],
  ])("can't be told from %s", (_, dump) => {
    expect(readDump("p", dump)).toBeUndefined();
  });

  it.each([
    ["1.28.5", "once"],
    ["1.29.1-solo", "once"],
    ["1.29.2", "always"],
    ["1.30.0", "always"],
    ["2.0.0", "always"],
    ["unknown", "unknown"],
    [undefined, "unknown"],
  ])("of version %s has it read its roots: %s", (version, reads) => {
    const dump = { certificates: [], version: { version: "62d82653", istioVersion: version } };
    expect(readDump("p", dump)?.readsRoots).toBe(reads);
  });
});
