/** The root replaced by another one, with the real engine: what each stage changes, and what is refused. */
import { createPrivateKey, X509Certificate } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, expect, onTestFinished, test, vi } from "vitest";
import { follow, roots } from "./support/cacerts";
import { lines } from "./support/run";
import { kwok, settings, type StackSettings } from "./support/settings";
import { TestStack } from "./support/stack";
import { World } from "./support/world";

let world: World;
beforeEach(async () => {
  world = await World.open();
});
afterEach(() => world.close());

const one = (root: object, changes: StackSettings = {}) =>
  settings({ clusters: [kwok("a")], demo: false, root: { generate: {}, ...root }, ...changes });
const both = { trusted: ["first", 2027] };

test("each stage changes its own resources, and leads back as it came", async () => {
  const stack = await TestStack.open(world, one({}));
  expect((await stack.up()).error).toBeUndefined();
  const old = await stack.secret("cacerts");
  await follow(world, stack);

  await stack.configure(one({ ...both, signing: "first" }));
  expect(lines((await stack.up()).steps)).toEqual([
    "create PrivateKey root-2027",
    "create SelfSignedCert root-2027",
    "update Secret a-cacerts",
  ]);
  const trusting = await stack.secret("cacerts");
  expect([roots(old), roots(trusting)]).toEqual([1, 2]);
  expect(trusting["root-cert.pem"]).toContain(old["root-cert.pem"]);
  expect({ ...trusting, "root-cert.pem": "" }).toEqual({ ...old, "root-cert.pem": "" });
  await follow(world, stack);

  await stack.configure(one({ ...both, signing: 2027 }));
  const signing = await stack.up();
  expect(signing.error).toBeUndefined();
  expect(lines(signing.steps)).toEqual([
    "create CertRequest a-intermediate-2027",
    "create LocallySignedCert a-intermediate-2027",
    "create PrivateKey a-intermediate-2027",
    "delete CertRequest a-intermediate",
    "delete LocallySignedCert a-intermediate",
    "delete PrivateKey a-intermediate",
    "update Secret a-cacerts",
  ]);
  // The old one is forgotten only when the cluster does not have it any more.
  const inOrder = signing.steps.map(({ op, name }) => `${op} ${name.replace(/^a-[0-9a-f]{8}/, "a")}`);
  expect(inOrder.indexOf("update a-cacerts")).toBeLessThan(inOrder.indexOf("delete a-intermediate"));
  await follow(world, stack);

  // Back, and on again.
  for (const signer of ["first", 2027]) {
    await stack.configure(one({ ...both, signing: signer }));
    expect((await stack.up()).error).toBeUndefined();
    await follow(world, stack);
  }

  await stack.configure(one({ trusted: [2027] }));
  expect(lines((await stack.up()).steps)).toEqual([
    "delete PrivateKey root",
    "delete SelfSignedCert root",
    "update Secret a-cacerts",
  ]);
  const last = await stack.secret("cacerts");
  expect(
    new X509Certificate(last["ca-cert.pem"] ?? "").verify(new X509Certificate(last["root-cert.pem"] ?? "").publicKey),
  ).toBe(true);
  expect(roots(last)).toBe(1);
  expect(lines((await stack.preview()).steps)).toEqual([]);
});

test("a skipped stage and a cluster that has not followed are refused before anything is made, in a plan as well", async () => {
  const stack = await TestStack.open(world, one({}));
  expect((await stack.up()).error).toBeUndefined();
  await follow(world, stack);
  await world.newCalls();
  for (const root of [{ ...both, signing: 2027 }, { trusted: [2027] }]) {
    await stack.configure(one(root));
    for (const run of [await stack.preview(), await stack.up()]) {
      expect(run.error).toMatch(/root: a stage is skipped; nothing was changed/);
      expect(run.steps.filter(({ op }) => op !== "create")).toEqual([]);
    }
  }
  expect(await world.newWork()).toEqual([]);

  await stack.configure(one({ ...both, signing: "first" }));
  expect((await stack.up()).error).toBeUndefined();
  await world.newWork();
  // What the API server says is of before the stage.
  await stack.configure(one({ ...both, signing: 2027 }));
  for (const run of [await stack.preview(), await stack.up()]) {
    expect(run.error).toMatch(
      /root 2027 can't sign yet[^]*cluster a: its Secret istio-system\/cacerts does not have root 2027/,
    );
  }
  expect(await world.newWork()).toEqual([]);
});

test("a stage that has failed half-way is done by the next up, and can be left the way it came", async () => {
  const stack = await TestStack.open(world, one({ ...both, signing: "first" }));
  expect((await stack.up()).error).toBeUndefined();
  await follow(world, stack);
  await world.play({ failures: [{ method: "update", resource: "Secret::.*cacerts$" }] });
  await stack.configure(one({ ...both, signing: 2027 }));
  expect((await stack.up()).error).toBeDefined();
  await world.play({ failures: [] });
  await stack.configure(one({ ...both, signing: "first" }));
  expect((await stack.up()).error).toBeUndefined();
  await stack.configure(one({ ...both, signing: 2027 }));
  expect((await stack.up()).error).toBeUndefined();
  expect(lines((await stack.preview()).steps)).toEqual([]);
});

test("certificates issued anew are a change of ztunnel alone, in one cluster after the other", async () => {
  const two = (root: object) => one(root, { clusters: [kwok("a"), kwok("b")] });
  const stack = await TestStack.open(world, two({}));
  expect((await stack.up()).error).toBeUndefined();
  await world.newCalls();
  await stack.configure(two({ reissue: "once" }));
  expect(lines((await stack.up()).steps)).toEqual(["update Release a-ztunnel", "update Release b-ztunnel"]);
  const [first, second] = (await world.newCalls()).filter(({ method, preview }) => method === "update" && !preview);
  expect(first?.name).toMatch(/^a-/);
  expect(second?.start).toBeGreaterThanOrEqual(first?.end ?? Infinity);
  expect(lines((await stack.preview()).steps)).toEqual([]);

  // Left out, it changes nothing: no ztunnel restarts, and none restarts later.
  await stack.configure(two({}));
  expect(lines((await stack.up()).steps)).toEqual([]);
  expect(lines((await stack.preview()).steps)).toEqual([]);
  await stack.configure(two({ reissue: "again" }));
  expect(lines((await stack.preview()).steps)).toEqual(["update Release a-ztunnel", "update Release b-ztunnel"]);
});

test("an intermediate that is replaced early, with its key, is a change of its own cluster, and of no root", async () => {
  const two = (root: object) => one(root, { clusters: [kwok("a"), kwok("b")] });
  const stack = await TestStack.open(world, two({}));
  expect((await stack.up()).error).toBeUndefined();
  const before = await stack.secret("cacerts", "a");
  const urns = (await stack.resources()).map(({ urn }) => urn);
  const early = { replace: urns.filter((urn) => urn.endsWith("PrivateKey::a-intermediate")) };
  const replaced = ["CertRequest", "LocallySignedCert", "PrivateKey"];
  const anew = ["create-replacement", "delete-replaced", "replace"].flatMap((op) =>
    replaced.map((type) => `${op} ${type} a-intermediate`),
  );

  // Workloads get certificates of the new one by and by.
  for (const run of [await stack.preview(early), await stack.up(early)]) {
    expect([run.error, lines(run.steps)]).toEqual([undefined, [...anew, "update Secret a-cacerts"]]);
  }
  expect(lines((await stack.preview()).steps)).toEqual([]);
  const after = await stack.secret("cacerts", "a");
  expect(after["root-cert.pem"]).toBe(before["root-cert.pem"]);
  expect(after["ca-key.pem"]).not.toBe(before["ca-key.pem"]);
  const intermediate = new X509Certificate(after["ca-cert.pem"] ?? "");
  expect(intermediate.verify(new X509Certificate(after["root-cert.pem"] ?? "").publicKey)).toBe(true);
  expect(intermediate.checkPrivateKey(createPrivateKey(after["ca-key.pem"] ?? ""))).toBe(true);

  // At once, by another reissue, which all clusters are asked for.
  await stack.configure(two({ reissue: "new-intermediate" }));
  for (const run of [await stack.preview(early), await stack.up(early)]) {
    expect([run.error, lines(run.steps)]).toEqual([
      undefined,
      [...anew, "update Release a-ztunnel", "update Release b-ztunnel", "update Secret a-cacerts"],
    ]);
  }
  expect(lines((await stack.preview()).steps)).toEqual([]);
});

test("a root of another lifetime is the same root: its earlier certificate stays beside it, so that istiod takes both", async () => {
  const stack = await TestStack.open(world, one({}));
  expect((await stack.up()).error).toBeUndefined();
  const before = await stack.secret("cacerts");
  await stack.configure(one({ generate: { rootValidityDays: 2000 } }));
  expect(lines((await stack.up()).steps)).toEqual([
    "create-replacement LocallySignedCert a-intermediate",
    "create-replacement SelfSignedCert root",
    "delete-replaced LocallySignedCert a-intermediate",
    "delete-replaced SelfSignedCert root",
    "replace LocallySignedCert a-intermediate",
    "replace SelfSignedCert root",
    "update Secret a-cacerts",
  ]);
  const after = await stack.secret("cacerts");
  expect(roots(after)).toBe(2);
  expect(after["root-cert.pem"]).toContain(before["root-cert.pem"]?.trim());
  expect(after["ca-key.pem"]).toBe(before["ca-key.pem"]);
  expect(lines((await stack.preview()).steps)).toEqual([]);
});

test("a stack that takes its root from another follows it a stage later, and refuses to skip one", async () => {
  const name = (stack: string) => `organization/flatmesh/${stack}`;
  const keeping = (root: object) =>
    settings({
      clusters: [],
      demo: false,
      root: { generate: { issueFor: ["a"] }, ...root },
      peerStacks: [name("taker")],
    });
  const keeper = await TestStack.open(world, keeping({}), { name: "keeper" });
  expect((await keeper.up()).error).toBeUndefined();
  const taking = settings({ clusters: [kwok("a")], demo: false, root: { stack: name("keeper") } });
  const taker = await TestStack.open(world, taking, { name: "taker" });
  expect((await taker.up()).error).toBeUndefined();
  await follow(world, taker);
  const guarded = async () =>
    (await keeper.resources()).flatMap(({ urn, protect }) => (protect ? [urn.split("::").slice(2).join(" ")] : []));
  expect(await guarded()).toEqual([expect.stringMatching(/PrivateKey root$/)]);

  await keeper.configure(keeping({ ...both, signing: "first" }));
  expect((await keeper.up()).error).toBeUndefined();
  expect(await guarded()).toEqual([expect.stringMatching(/PrivateKey root$/)]);
  // The taker has not followed yet.
  await keeper.configure(keeping({ ...both, signing: 2027 }));
  expect((await keeper.up()).error).toMatch(/organization\/flatmesh\/taker does not trust root 2027 yet/);
  expect(lines((await taker.up()).steps)).toEqual(["update Secret a-cacerts"]);
  await follow(world, taker);
  // The taker's cluster is looked at as whoever runs this reaches it, never by a kubeconfig that the taker hands out.
  expect((await keeper.up()).error).toMatch(
    /taker: your own kubeconfig .* does not exist\. It is read through context kwok-a /,
  );
  await writeFile(join(world.folder, "kubeconfig"), await world.reached("a", "kwok-a"));
  vi.stubEnv("KUBECONFIG", join(world.folder, "kubeconfig"));
  onTestFinished(() => {
    vi.unstubAllEnvs();
  });
  expect((await keeper.up()).error).toBeUndefined();
  // The one that no longer signs can go in the last stage.
  expect(await guarded()).toEqual([expect.stringMatching(/PrivateKey root-2027$/)]);
  await keeper.configure(keeping({ trusted: [2027] }));
  expect((await keeper.up()).error).toMatch(/taker still signs with root first/);
  expect(lines((await taker.up()).steps)).toEqual(["update Secret a-cacerts"]);
  await follow(world, taker);
  expect((await keeper.up()).error).toBeUndefined();
  expect((await taker.up()).error).toBeUndefined();
  expect(roots(await taker.secret("cacerts"))).toBe(1);
});

test("cacerts is handed over to somebody else without being deleted under the mesh", async () => {
  const stack = await TestStack.open(world, one({}));
  expect((await stack.up()).error).toBeUndefined();
  await world.newWork();
  await stack.configure(settings({ clusters: [kwok("a")], demo: false, root: { existing: true } }));
  for (const run of [await stack.preview(), await stack.up()]) {
    expect(run.error).toMatch(/would delete the Secret istio-system\/cacerts .*\(clusters a\)/);
  }
  expect(await world.newWork()).toEqual([]);

  // What the jq of docs/certificates.md#handing-cacerts-over does.
  const state = JSON.parse(await stack.exported()) as { deployment: { resources: { type: string; urn: string }[] } };
  const handed = state.deployment.resources.flatMap(({ type, urn }) =>
    type === "kubernetes:core/v1:Secret" && urn.endsWith("-cacerts") ? [urn] : [],
  );
  state.deployment.resources = state.deployment.resources.filter(({ urn }) => !handed.includes(urn));
  const without = (_key: string, value: unknown) =>
    Array.isArray(value) ? value.filter((entry) => !handed.includes(entry as string)) : value;
  await stack.imported(JSON.stringify(state, without));
  const run = await stack.up();
  expect(run.error).toBeUndefined();
  expect(
    lines(run.steps).filter(
      (line) => !/^delete (PrivateKey|CertRequest|LocallySignedCert|SelfSignedCert|tls) /.test(line),
    ),
  ).toEqual([]);
  expect(lines((await stack.preview()).steps)).toEqual([]);
});

test("a stack that has taken its root from another makes none of its own in one step, whatever the names", async () => {
  const keeping = settings({ clusters: [], demo: false, root: { generate: { issueFor: ["a"] } } });
  expect((await (await TestStack.open(world, keeping, { name: "keeper" })).up()).error).toBeUndefined();
  const taking = one({}, { root: { stack: "organization/flatmesh/keeper" } });
  const taker = await TestStack.open(world, taking, { name: "taker" });
  expect((await taker.up()).error).toBeUndefined();
  await world.newWork();
  await taker.configure(one({}));
  for (const run of [await taker.preview(), await taker.up()]) {
    expect(run.error).toMatch(
      /a stage is skipped[^]*A root that this stack has yet to create would be trusted and sign/,
    );
  }
  expect(await world.newWork()).toEqual([]);
});

test("a first update that has failed is a stage already", async () => {
  const stack = await TestStack.open(world, one({}));
  await world.play({ failures: [{ method: "create", resource: "Release::.*ztunnel$" }] });
  expect((await stack.up()).error).toBeDefined();
  await world.play({ failures: [] });
  await stack.configure(one({ trusted: [2027] }));
  for (const run of [await stack.preview(), await stack.up()]) {
    expect(run.error).toMatch(/a stage is skipped/);
  }
  // The roots stay as they were: the update is completed. A stage that asks the clusters waits for that.
  await stack.configure(one({ ...both, signing: "first" }));
  expect((await stack.up()).error).toBeUndefined();
});

test("certificates that somebody else has kept in a cluster of the stack are not replaced by those of a new root", async () => {
  const kept = await TestStack.open(world, one({}), { name: "kept" });
  expect((await kept.up()).error).toBeUndefined();
  await follow(world, kept);
  const stack = await TestStack.open(world, one({}, { clusters: [kwok("a")], root: { existing: true } }));
  expect((await stack.up()).error).toBeUndefined();
  await world.newWork();
  await stack.configure(one({}));
  for (const run of [await stack.preview(), await stack.up()]) {
    expect(run.error).toMatch(/a stage is skipped[^]*The certificates of this stack's clusters were managed elsewhere/);
  }
  expect(await world.newWork()).toEqual([]);
});
