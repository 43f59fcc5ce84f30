import { X509Certificate } from "node:crypto";
import { expect } from "vitest";
import { certificatesIn, rootOf } from "../../certificates";
import { lines } from "../engine/support/run";
import { workloadCertificate } from "./certificate";
import type { MachineStack } from "./stack";

/** The last stage: the first root is gone. */
const replaced = { generate: {}, trusted: [2027], reissue: "3" };

/**
 * The equipment's ztunnel has no admin port: what it has of certificates can't be looked at, and has to be vouched for. What
 * istiod tells its clients is looked at, and so is the Secret.
 */
const stages = [
  { root: { generate: {}, trusted: ["first", 2027], signing: "first", reissue: "1" }, roots: 2 },
  { root: { generate: {}, trusted: ["first", 2027], signing: 2027, reissue: "2" }, roots: 2, vouched: "2027" },
  { root: replaced, roots: 1, vouched: "first" },
];

/** Replaces a stack's root by another one, stage by stage; a certificate of one stage holds in the next, in every cluster. */
export async function replaceRoot(
  stack: MachineStack,
  clusters: readonly string[],
  configure: (root: object) => Promise<void>,
): Promise<void> {
  let before = await certificates(stack, clusters);
  for (const { root, roots, vouched } of stages) {
    await configure(root);
    if (vouched !== undefined) {
      const { error } = await stack.up();
      expect(error).toMatch(new RegExp(`is not known[^]*pod istio-system/ztunnel-[^]*write unverified: "${vouched}"`));
      await configure({ ...root, unverified: vouched });
    }
    expect(await stack.up()).toMatchObject({ error: undefined });
    const after = await certificates(stack, clusters);
    for (const cluster of clusters) {
      const trusted = await published(stack, cluster);
      expect(trusted.length).toBe(roots);
      for (const [workload, ...between] of [...before, ...after]) {
        expect(workload && rootOf(workload, between, trusted), `what ${cluster} makes of a certificate`).toBeDefined();
      }
    }
    before = after;
  }
  await configure(replaced);
  expect(lines((await stack.preview()).steps)).toEqual([]);
}

/** A workload certificate of each cluster, its authorities behind it: what istiod issues right after an `up`. */
async function certificates(stack: MachineStack, clusters: readonly string[]): Promise<X509Certificate[][]> {
  const roots = String((await stack.outputs())["rootCertificate"]);
  return Promise.all(
    clusters.map(async (cluster) => {
      const chain = await workloadCertificate(stack, cluster, roots);
      const secret = await stack.kubectl(cluster, "get", "secret", "cacerts", "-n", "istio-system", "-o", "json");
      const { data } = JSON.parse(secret) as { readonly data: Readonly<Record<string, string>> };
      // Issued anew is issued by what the Secret has: the update has waited for istiod to take it.
      const own = new X509Certificate(Buffer.from(data["ca-cert.pem"] ?? "", "base64"));
      expect(chain[1]?.fingerprint256).toBe(own.fingerprint256);
      return chain;
    }),
  );
}

/** The roots that istiod tells the workloads of a namespace of. */
async function published(stack: MachineStack, cluster: string): Promise<X509Certificate[]> {
  const format = "jsonpath={.data.root-cert\\.pem}";
  return certificatesIn(await stack.kubectl(cluster, "get", "configmap", "istio-ca-root-cert", "--output", format));
}
