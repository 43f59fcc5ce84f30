import { describe, expect, it } from "vitest";
import { readdirSync } from "node:fs";
import { projectFolder } from "../../rehearsal/program";
import { rehearsedSettings } from "../../rehearsal/settings";
import { readStackFile } from "../../rehearsal/stack-file";

/** Settled before any test is collected: whatever example there is, it is among them. */
const stacks = readdirSync(projectFolder).flatMap((file) => /^Pulumi\.(.+)\.yaml$/.exec(file)?.[1] ?? []);

describe.each(stacks)("Pulumi.%s.yaml", (stack) => {
  it("has settings without a fault, which `npm run test:examples` rehearses", async () => {
    const { settings } = rehearsedSettings((await readStackFile(projectFolder, stack)).keys, projectFolder);
    expect(settings.clusters.length).toBeGreaterThan(0);
  });
});
