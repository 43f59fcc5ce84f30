/** A root that somebody has given takes the place of another, with the real engine: by stages, and by no other way. */
import { X509Certificate } from "node:crypto";
import { afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { certify, privateKeyOf, type TestCertificate } from "../support/authorities";
import { follow, roots } from "./support/cacerts";
import { lines } from "./support/run";
import { kwok, settings, type StackSettings } from "./support/settings";
import { TestStack } from "./support/stack";
import { World } from "./support/world";

let old: TestCertificate;
let next: TestCertificate;
beforeAll(async () => {
  old = await certify("Old Root");
  next = await certify("Next Root");
});

let world: World;
beforeEach(async () => {
  world = await World.open();
});
afterEach(() => world.close());

const of = (root: object): StackSettings => settings({ clusters: [kwok("a")], demo: false, root });
/** These roots live for a day. */
const given = (root: TestCertificate, ...alsoTrusted: string[]) =>
  of({ certificate: root.pem, privateKey: privateKeyOf(root), alsoTrusted, intermediateValidityDays: 1 });

/** The cluster's intermediate signed anew, with the key that it had. */
const signedAnew = [
  "create-replacement LocallySignedCert a-intermediate",
  "delete-replaced LocallySignedCert a-intermediate",
  "replace LocallySignedCert a-intermediate",
];

/** Takes a stage: its plan shows these changes, its update makes them, and nothing is left to do. */
async function stage(stack: TestStack, wanted: StackSettings, changes: readonly string[]): Promise<void> {
  await stack.configure(wanted);
  for (const run of [await stack.preview(), await stack.up()]) {
    expect([run.error, lines(run.steps)]).toEqual([undefined, changes]);
  }
  expect(lines((await stack.preview()).steps)).toEqual([]);
}

/** Asks for what is refused, in a plan and in an update, before anything is changed. */
async function refused(stack: TestStack, wanted: StackSettings, reason: RegExp): Promise<void> {
  await stack.configure(wanted);
  await world.newWork();
  for (const run of [await stack.preview(), await stack.up()]) {
    expect(run.error).toMatch(reason);
  }
  expect(await world.newWork()).toEqual([]);
}

/** What the cluster trusts, and which root its intermediate is of. */
async function trust(stack: TestStack): Promise<{ trusted: number; signing: string[] }> {
  const files = await stack.secret("cacerts");
  const intermediate = new X509Certificate(files["ca-cert.pem"] ?? "");
  const signing = [old, next].filter(({ pem }) => intermediate.verify(new X509Certificate(pem).publicKey));
  return { trusted: roots(files), signing: signing.map(({ name }) => name) };
}

test("a given root takes another one's place by stages, each of which changes its own resources", async () => {
  const stack = await TestStack.open(world, given(old));
  expect((await stack.up()).error).toBeUndefined();
  const { "ca-key.pem": key } = await stack.secret("cacerts");

  await stage(stack, given(old, next.pem), ["update Secret a-cacerts"]);
  expect(await trust(stack)).toEqual({ trusted: 2, signing: [old.name] });
  await follow(world, stack);

  await stage(stack, given(next, old.pem), [...signedAnew, "update Secret a-cacerts"]);
  expect(await trust(stack)).toEqual({ trusted: 2, signing: [next.name] });
  await follow(world, stack);

  await stage(stack, given(next), ["update Secret a-cacerts"]);
  expect(await trust(stack)).toEqual({ trusted: 1, signing: [next.name] });
  expect((await stack.secret("cacerts"))["ca-key.pem"]).toBe(key);
});

test("a given root that comes too early, or goes too early, is refused before anything is changed", async () => {
  const skipped = /root: a stage is skipped; nothing was changed/;
  const stack = await TestStack.open(world, given(old));
  expect((await stack.up()).error).toBeUndefined();
  await follow(world, stack);
  await refused(stack, given(next), skipped);
  await refused(stack, given(next, old.pem), skipped);

  await stage(stack, given(old, next.pem), ["update Secret a-cacerts"]);
  // The cluster still has what it had before the stage.
  await refused(
    stack,
    given(next, old.pem),
    /can't sign yet[^]*cluster a: its Secret istio-system\/cacerts does not have/,
  );
  await follow(world, stack);
  await refused(stack, given(next), skipped);

  await stage(stack, given(next, old.pem), [...signedAnew, "update Secret a-cacerts"]);
  await refused(stack, given(next), /can't be dropped yet[^]*cluster a: its intermediate chains to root/);
  await follow(world, stack);
  await refused(stack, given(old), skipped);
});

test("a generated root is handed over to a given one by stages, and does not come back", async () => {
  const stack = await TestStack.open(world, of({ generate: {} }));
  expect((await stack.up()).error).toBeUndefined();
  await follow(world, stack);
  const skipped = /root: a stage is skipped; nothing was changed/;
  await refused(stack, given(next), skipped);

  await stage(stack, of({ generate: {}, alsoTrusted: [next.pem] }), ["update Secret a-cacerts"]);
  expect(await trust(stack)).toEqual({ trusted: 2, signing: [] });
  await follow(world, stack);
  await refused(stack, given(next), skipped);

  const { trusted } = (await stack.outputs()).roots?.value as { trusted: { first: string } };
  await stage(stack, given(next, trusted.first), [
    "create-replacement LocallySignedCert a-intermediate",
    "delete PrivateKey root",
    "delete SelfSignedCert root",
    "delete-replaced LocallySignedCert a-intermediate",
    "replace LocallySignedCert a-intermediate",
    "update Secret a-cacerts",
  ]);
  expect(await trust(stack)).toEqual({ trusted: 2, signing: [next.name] });
  // Its key is gone: a root of the same name would be another one.
  const back = /a stage is skipped[^]*A root that this stack has yet to create would be trusted and sign at once/;
  await refused(stack, of({ generate: {}, alsoTrusted: [next.pem] }), back);
  await refused(stack, given(next), /can't be dropped yet/);
  await follow(world, stack);

  await stage(stack, given(next), ["update Secret a-cacerts"]);
  expect(await trust(stack)).toEqual({ trusted: 1, signing: [next.name] });
  await refused(stack, of({ generate: {} }), back);
});

test("a stage that has failed half-way can be left the way it came, and taken again", async () => {
  const stack = await TestStack.open(world, given(old, next.pem));
  expect((await stack.up()).error).toBeUndefined();
  await follow(world, stack);
  await world.play({ failures: [{ method: "update", resource: "Secret::.*cacerts$" }] });
  await stack.configure(given(next, old.pem));
  expect((await stack.up()).error).toBeDefined();
  await world.play({ failures: [] });
  for (const [root, other] of [
    [old, next],
    [next, old],
  ] as const) {
    await stack.configure(given(root, other.pem));
    expect((await stack.up()).error).toBeUndefined();
    expect(await trust(stack)).toEqual({ trusted: 2, signing: [root.name] });
    expect(lines((await stack.preview()).steps)).toEqual([]);
  }
});
