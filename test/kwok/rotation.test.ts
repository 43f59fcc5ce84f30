/**
 * The root of trust replaced by another one on real API servers: what is in the Secrets after each stage, judged by openssl.
 * No workload runs there that could be on the old root, so that every stage may follow at once.
 */
import { afterAll, beforeAll, expect, it } from "vitest";
import { Environment } from "./environment";
import { OpenSsl } from "./openssl";

const clusters = ["one", "two"];
const keys = (root: object) => ({
  clusters: clusters.map((name) => ({ name, provisioner: "kwok" })),
  distribution: "community",
  root: { generate: {}, ...root },
});
const both = { trusted: ["first", 2027] };

let environment: Environment;
beforeAll(async () => {
  environment = await Environment.open();
  await environment.rehearse(keys({}));
});
afterAll(() => environment.down());

function cacerts(cluster: string): Readonly<Record<string, string>> {
  const { data } = environment.get(cluster, "secret", "cacerts", "istio-system");
  const files = Object.entries(data as Readonly<Record<string, string>>);
  return Object.fromEntries(files.map(([name, base64]) => [name, Buffer.from(base64, "base64").toString("utf8")]));
}

/** Whether one cluster accepts what the other signs. */
function accepts(one: Readonly<Record<string, string>>, other: Readonly<Record<string, string>>): boolean {
  const openssl = new OpenSsl([
    ["roots.pem", one["root-cert.pem"] ?? ""],
    ["own.pem", other["ca-cert.pem"] ?? ""],
  ]);
  try {
    return openssl.run("verify -x509_strict -CAfile roots.pem own.pem").includes("OK");
  } catch {
    return false;
  } finally {
    openssl.close();
  }
}

it("each stage is accepted by the one before and the one after, in every cluster, and no Secret is made anew", async () => {
  const stages = [{}, { ...both, signing: "first" }, { ...both, signing: 2027 }, { trusted: [2027], reissue: "done" }];
  const uid = (cluster: string) =>
    environment.kubectl(cluster, "get", "secret", "cacerts", "-n", "istio-system", "-o", "jsonpath={.metadata.uid}");
  const before = clusters.map(uid);
  const seen: Readonly<Record<string, string>>[][] = [clusters.map(cacerts)];
  for (const stage of stages.slice(1)) {
    await environment.rehearse(keys(stage));
    seen.push(clusters.map(cacerts));
  }
  expect(clusters.map(uid)).toEqual(before);
  const accepted = seen.map((ones) =>
    seen.map((others) => ones.every((one) => others.every((other) => accepts(one, other)))),
  );
  // Rows: what trusts; columns: what signs. The old one, both, the new one signing, the new one alone.
  expect(accepted).toEqual([
    [true, true, false, false],
    [true, true, true, true],
    [true, true, true, true],
    [false, false, true, true],
  ]);
  const roots = seen.map(([one = {}]) => (one["root-cert.pem"] ?? "").split("BEGIN CERTIFICATE").length - 1);
  expect(roots).toEqual([1, 2, 2, 1]);
});

it("ztunnel's pods were made anew when the settings asked for it", () => {
  for (const cluster of clusters) {
    const format = "jsonpath={.spec.template.metadata.annotations.flatmesh/reissue}";
    expect(environment.kubectl(cluster, "get", "daemonset", "ztunnel", "-n", "istio-system", "-o", format)).toBe(
      "done",
    );
  }
});

it("a skipped stage is refused, and leaves everything as it is", async () => {
  const before = clusters.map(cacerts);
  await expect(environment.rehearse(keys({ ...both, signing: "first" }))).rejects.toThrow(/a stage is skipped/);
  expect(clusters.map(cacerts)).toEqual(before);
});
