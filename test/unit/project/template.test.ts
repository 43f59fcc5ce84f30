/** What `pulumi new` makes a project of. test/engine/new-project.test.ts has the CLI make one. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { z } from "zod";
import { projectFolder } from "../../../rehearsal/program";
import { stacksWithFiles } from "../../../rehearsal/stack-file";
import { schemaAt } from "../../../settings/reference";
import { keys } from "../../../settings/schema";

/** As Pulumi reads it (sdk/go/common/apitype/templates.go, ProjectTemplate); `important` is deprecated. */
const Template = z.strictObject({
  displayName: z.string(),
  description: z.string(),
  quickstart: z.string(),
  config: z.record(
    z.string(),
    z.strictObject({ description: z.string(), default: z.string().optional(), secret: z.boolean().optional() }),
  ),
  metadata: z.record(z.string(), z.string()).optional(),
});
const project = z
  .object({ name: z.string(), description: z.string(), template: Template })
  .parse(parse(readFileSync(join(projectFolder, "Pulumi.yaml"), "utf8")));

describe("the template", () => {
  it("asks for settings, and for secrets so that nobody sees what is typed", () => {
    const settings = new Map<string, z.ZodType>(
      Object.entries(keys).map(([key, schema]) => [`flatmesh:${key}`, schema]),
    );
    for (const [key, { secret = false }] of Object.entries(project.template.config)) {
      expect(settings.get(key), key).toBeInstanceOf(z.ZodOptional);
      expect(secret, key).toBe(schemaAt([key.replace("flatmesh:", "")]).secret ?? false);
    }
  });

  it("asks for nothing that an example already says, since the answer would replace it", async () => {
    for (const stack of await stacksWithFiles(projectFolder)) {
      const file = parse(readFileSync(join(projectFolder, `Pulumi.${stack}.yaml`), "utf8")) as { config: object };
      expect(Object.keys(file.config).filter((key) => key in project.template.config)).toEqual([]);
    }
  });

  it("names stacks that there are", async () => {
    const { quickstart } = project.template;
    const stacks = await stacksWithFiles(projectFolder);
    expect(quickstart).toContain(`There are ${["five", "six", "seven"][stacks.length - 5] ?? "?"} examples`);
    const named = [...quickstart.matchAll(/^ {2}(\S+) {2,}|--(?:stack|create) (\S+)/gm)];
    expect(named.length).toBeGreaterThan(2);
    expect(stacks).toEqual(expect.arrayContaining(named.map(([, listed, option]) => listed ?? option)));
  });
});
