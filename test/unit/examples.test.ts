import { describe, expect, it } from "vitest";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { createPeering } from "../../components/peering";
import { projectFolder } from "../../rehearsal/program";
import { rehearsedSettings } from "../../rehearsal/settings";
import { readStackFile } from "../../rehearsal/stack-file";
import { parseSettings, type Settings } from "../../settings";
import { meshesIn } from "./components/meshes";
import { run } from "./components/mocks";
import { clustersOf } from "./components/preflight";
import { places } from "./components/peering/environment";
import { peeringInputs } from "./preflight/parts";
import { config } from "./settings/config";

/** Settled before any test is collected: whatever example there is, it is among them. */
const stacks = stacksIn(projectFolder);
const clouds = readdirSync(join(projectFolder, "examples"), { withFileTypes: true }).flatMap((entry) => {
  const folder = join(projectFolder, "examples", entry.name);
  return entry.isDirectory() ? stacksIn(folder) : [];
});

function stacksIn(folder: string): { readonly folder: string; readonly stack: string }[] {
  return readdirSync(folder).flatMap((file) => {
    const stack = /^Pulumi\.(.+)\.yaml$/.exec(file)?.[1];
    return stack === undefined ? [] : [{ folder, stack }];
  });
}

describe.each(stacks)("Pulumi.$stack.yaml", ({ folder, stack }) => {
  it("has settings without a fault, which `npm run test:examples` rehearses", async () => {
    const { settings } = rehearsedSettings((await readStackFile(folder, stack)).keys, projectFolder);
    expect(settings.clusters.length).toBeGreaterThan(0);
  });
});

describe.each(clouds)("examples/…/Pulumi.$stack.yaml", ({ folder, stack }) => {
  const planned = (settings: Settings) =>
    run(
      async () => {
        const inputs = await peeringInputs(settings);
        return createPeering({ ...inputs, settings, meshes: meshesIn(clustersOf(settings), settings) });
      },
      { preview: true },
    );

  it("has settings without a fault, as they are and in a rehearsal, and a plan of its Gateways", async () => {
    const { keys } = await readStackFile(folder, stack);
    expect(parseSettings(config(keys)).clusters.map(({ provisioner }) => provisioner)).toContain("existing");
    const { settings, changes } = rehearsedSettings(keys, projectFolder);
    // Whatever the cloud has, a rehearsal can have as well.
    expect(changes.filter((change) => !change.includes("is a kwok cluster"))).toEqual([]);
    const { all } = await planned(settings);
    expect(places(all("Gateway"))).toHaveLength(settings.clusters.length ** 2);
    if (settings.clusters.some(({ eastWestGateway }) => eastWestGateway)) {
      expect(places(all("ConfigMap"))).toEqual(settings.clusters.map(({ name }) => `${name}: istio-eastwest-service`));
    }
  });
});
