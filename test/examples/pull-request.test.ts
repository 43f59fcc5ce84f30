/**
 * Every example is rehearsed, by the steps that rehearse a stack for a pull request: whatever `Pulumi.<stack>.yaml` there is,
 * it is among them. Each takes 10 seconds a cluster or so, which is why `npm test` has Pulumi.dev.yaml only.
 */
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { projectFolder } from "../../rehearsal/program";
import { rehearsedSettings } from "../../rehearsal/settings";
import { readStackFile } from "../../rehearsal/stack-file";
import { planLinks, type Settings } from "../../settings";
import { ProjectCopy } from "./project";

const stacks = readdirSync(projectFolder)
  .flatMap((file) => /^Pulumi\.(.+)\.yaml$/.exec(file)?.[1] ?? [])
  .sort();

let project: ProjectCopy;
beforeAll(async () => {
  project = await ProjectCopy.make();
});
afterAll(() => {
  project.remove();
});

it("a change of one stack's settings touches that stack, and one of the program all of them", async () => {
  const touched = async (file: string): Promise<unknown> => {
    writeFileSync(join(project.folder, file), `${readFileSync(join(project.folder, file), "utf8")}\n`);
    await project.commit(`Change ${file}`);
    const { stdout } = await project.git("diff", "--name-only", "--no-renames", "-z", "HEAD^1", "HEAD");
    const told = await project.step(["touched"], stdout);
    const [, names = ""] = /^stacks=(.*)\nleft_out=\[\]\n$/.exec(told.stdout) ?? [];
    return JSON.parse(names);
  };
  expect(await touched("Pulumi.openshift.yaml")).toEqual(["openshift"]);
  expect(await touched("README.md")).toEqual([]);
  expect(await touched("index.ts")).toEqual(stacks);
});

describe.each(stacks)("%s", (stack) => {
  let settings: Settings;
  const output = (): Readonly<Record<string, unknown>> =>
    JSON.parse(readFileSync(join(project.folder, ".flatmesh", stack, "outputs.json"), "utf8")) as Record<
      string,
      unknown
    >;

  beforeAll(async () => {
    ({ settings } = rehearsedSettings((await readStackFile(projectFolder, stack)).keys, projectFolder));
    const { status, stderr } = await project.step(["rehearse", "--stack", stack, "--reports", "reports"]);
    expect(status, stderr).toBe(0);
  });
  afterAll(async () => {
    await project.start("--stack", stack, "--down");
    expect(existsSync(join(project.folder, ".flatmesh", stack))).toBe(false);
  });

  it("has its clusters, and the links that its settings ask for", () => {
    const names = settings.clusters.map(({ name }) => name);
    const { clusters, eastWestAddresses, links, missingPeers } = output();
    expect(Object.keys(clusters as object)).toEqual(names);
    expect(links).toEqual(
      planLinks(settings.links, names, []).map((link) => expect.objectContaining({ ...link }) as unknown),
    );
    expect(missingPeers).toEqual(settings.peerStacks);
    expect(Object.keys(eastWestAddresses as object)).toEqual(settings.distribution === "solo" ? names : []);
  });
});

it("the comment tells of all of them, with a topology each", async () => {
  const { stdout } = await project.step([
    "comment",
    "--stacks",
    JSON.stringify(stacks),
    "--left-out",
    "[]",
    "--reports",
    "reports",
  ]);
  for (const stack of stacks) {
    expect(stdout).toMatch(new RegExp(`^\\| \`${stack}\` \\| not run \\| ✅ \\d+ links?, \\d+ s`, "m"));
  }
  expect(stdout.match(/```mermaid\nflowchart LR\n/g)).toHaveLength(stacks.length);
});
