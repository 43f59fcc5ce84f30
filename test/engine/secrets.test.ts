import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { files } from "./echo/world";
import type { Run } from "./support/run";
import { licence, settings } from "./support/settings";
import { TestStack } from "./support/stack";
import { World } from "./support/world";

/** Texts that occur in secrets only: of licences, private keys, kubeconfigs, tokens and own values of charts. */
const secrets = [licence, "PRIVATE KEY", "client-key-", "client-key-data", "token-of-", "value-Kd7rP2mV9s"];

/** Own values of a chart, which are encrypted as a whole. */
const values = { istiod: { env: { TOKEN: "value-Kd7rP2mV9s" }, volumes: [{ name: "value-Kd7rP2mV9s" }] } };

/** As they are, and in base64 wherever in it they begin. */
const telltales = secrets.flatMap((text) => [text, ...inBase64(text)]);

describe.each([
  ["solo", settings({ values })],
  // Its clusters read each other with tokens.
  [
    "community",
    settings({
      values,
      distribution: "community",
      license: "",
      repoKey: "",
      peerStacks: ["organization/flatmesh/other"],
    }),
  ],
])("secrets of the %s distribution", (distribution, given) => {
  let world: World;
  let stack: TestStack;
  const runs: Run[] = [];
  beforeAll(async () => {
    world = await World.open();
    stack = await TestStack.open(world, given, { secretKeys: ["values"] });
    runs.push(await stack.preview(), await stack.up());
    // A difference of every secret is shown once.
    await stack.rewrite((deployment) => deployment.replaceAll("# Makes the kwok cluster", "# Made the kwok cluster"));
    runs.push(await stack.preview(), await stack.up());
    expect(runs).toMatchObject(runs.map(() => ({ error: undefined })));
  });
  afterAll(() => world.close());

  test("are there", async () => {
    let decrypted = "";
    await stack.rewrite((deployment) => (decrypted = deployment));
    const expected = distribution === "solo" ? secrets.filter((text) => text !== "token-of-") : secrets.slice(1);
    expect(expected.filter((text) => [text, ...inBase64(text)].some((form) => decrypted.includes(form)))).toEqual(
      expected,
    );
  });

  test("are in none of the files that are left behind", async () => {
    const names = (await readdir(world.folder, { recursive: true, withFileTypes: true }))
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      .filter((file) => !isWorlds(file));
    expect(names.some((file) => file.endsWith(join("stacks", "flatmesh", "test.json")))).toBe(true);
    for (const file of names) {
      expect(betrayed(await readFile(file, "utf8")), file).toEqual([]);
    }
  });

  test("are in no plan, log or event", () => {
    for (const { printed } of runs) {
      expect(printed.length).toBeGreaterThan(1000);
      expect(betrayed(printed)).toEqual([]);
    }
  });

  test("are secret as outputs, each by itself, and no administrator of a cluster is among them", async () => {
    const [outputs] = (await stack.resources()).flatMap((each) =>
      each.type === "pulumi:pulumi:Stack" ? [each.outputs] : [],
    );
    const secret = (text: string) => ({ plaintext: expect.stringContaining(text) as unknown });
    expect(outputs).toMatchObject({
      clusters: { a: { context: "kwok-a" }, b: { context: "kwok-b" } },
      rootCertificate: expect.stringContaining("BEGIN CERTIFICATE") as unknown,
    });
    expect(JSON.stringify(outputs)).not.toMatch(/client-key-data|PRIVATE KEY/);
    if (distribution === "community") {
      expect(outputs).toMatchObject({ remoteAccess: { a: secret("token-of-a"), b: secret("token-of-b") } });
    }
  });

  /** The world's own files stand for clusters, which have their secrets. */
  function isWorlds(file: string): boolean {
    return file.startsWith(files.cluster(world.folder, ""));
  }
});

function betrayed(text: string): string[] {
  return telltales.filter((telltale) => text.includes(telltale));
}

/** What a text looks like inside base64, by where it begins in a group of three bytes; without the ends, which depend on what is beside it. */
function inBase64(text: string): string[] {
  return [0, 1, 2].map((offset) => {
    const encoded = Buffer.from(" ".repeat(offset) + text)
      .toString("base64")
      .replace(/=+$/, "");
    return encoded.slice(offset === 0 ? 0 : 4, -1);
  });
}
