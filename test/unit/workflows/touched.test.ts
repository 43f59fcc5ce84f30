import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { stacksWithFiles } from "../../../rehearsal/stack-file";
import { mostStacks, touchedStacks, withinBounds } from "../../../workflows/touched";

const stacks = ["dev", "production-east", "production-west"];

describe("a change touches", () => {
  it.each<[string, string[], string[]]>([
    ["the stack whose settings it changes", ["Pulumi.dev.yaml"], ["dev"]],
    ["several of them, in order", ["Pulumi.production-west.yaml", "Pulumi.dev.yaml"], ["dev", "production-west"]],
    ["all stacks by program code", ["components/mesh/ambient-mesh.ts"], stacks],
    ["all stacks by what all settings go through", ["settings/parse.ts", "README.md"], stacks],
    ["all stacks by a dependency", ["package-lock.json"], stacks],
    ["all stacks by the project's own file", ["Pulumi.yaml"], stacks],
    ["all stacks by a policy", ["policy/rules/network.ts"], stacks],
    ["all stacks by a file that nobody has thought of", ["charts/istiod-1.29.0.tgz"], stacks],
    [
      "no stack by documents, tests and workflows",
      ["README.md", "docs/generators/a.ts", "test/unit/a.ts", ".github/workflows/drift.yml"],
      [],
    ],
    ["no stack by the examples for clouds", ["examples/eks/Pulumi.eks.yaml"], []],
    ["no stack by what maintainers and editors have", ["renovate.json", "maintenance/main.ts", ".nvmrc"], []],
    ["no stack by settings that are deleted, since there is nothing to preview", ["Pulumi.gone.yaml"], []],
    ["no stack by a file of that name elsewhere", ["test/Pulumi.dev.yaml"], []],
    ["no stack by nothing", [], []],
  ])("%s", (_case, files, touched) => {
    expect(touchedStacks(files, stacks)).toEqual(touched);
  });
});

it("a run takes no more stacks than it has room for, and knows which are left out", () => {
  const all = Array.from({ length: mostStacks + 3 }, (_, index) => `stack-${String(index)}`);
  expect(withinBounds(all)).toEqual({ stacks: all.slice(0, mostStacks), leftOut: all.slice(mostStacks) });
  expect(withinBounds(stacks)).toEqual({ stacks, leftOut: [] });
});

it("a file is no stack's whose name could be an option, a path or code", async () => {
  const folder = mkdtempSync(join(tmpdir(), "flatmesh-stacks-"));
  try {
    const names = ["dev", "a.b-c_d", "--help", "..", "a b", "$(id)", 'x"]', "a\nb", "`id`", "é", "a".repeat(101)];
    names.forEach((name) => {
      writeFileSync(join(folder, `Pulumi.${name}.yaml`), "config: {}\n");
    });
    expect(await stacksWithFiles(folder)).toEqual(["a.b-c_d", "dev"]);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
