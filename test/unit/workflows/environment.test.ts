import { readFileSync } from "node:fs";
import { join } from "node:path";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { projectFolder } from "../../../rehearsal/program";
import { ofNamespace, overlap, parseSettings, parseSubnet, type Settings } from "../../../settings";
import { environmentSettings } from "../../../workflows/environment";

const file = (stack: string): string => readFileSync(join(projectFolder, `Pulumi.${stack}.yaml`), "utf8");

function settingsOf(text: string): Settings {
  const { config } = parse(text) as { readonly config: Readonly<Record<string, unknown>> };
  const texts = Object.entries(config).map(([key, value]) => [
    key,
    typeof value === "string" ? value : JSON.stringify(value),
  ]);
  return parseSettings(ofNamespace(Object.fromEntries(texts) as Record<string, string>));
}

describe("a pull request's environment", () => {
  it("has the template's settings, with clusters that live beside any others", () => {
    const template = settingsOf(file("community"));
    const { clusters, ...settings } = settingsOf(environmentSettings(file("community"), 12));
    expect(settings).toEqual({
      ...template,
      clusters: undefined,
      uniqueNames: true,
      addressPool: "10.131.0.0/18",
    });
    expect(clusters.map(({ name, provisioner }) => [name, provisioner])).toEqual([
      ["cluster-1", "kind"],
      ["cluster-2", "kind"],
    ]);
  });

  it("shares no address with 507 others, nor with the stacks that have planned ones", () => {
    const subnets = (text: string) =>
      settingsOf(text).clusters.flatMap(({ podSubnet = "", serviceSubnet = "" }) =>
        [podSubnet, serviceSubnet].map(parseSubnet),
      );
    const standing = subnets(file("community"));
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 100_000 }), fc.integer({ min: 1, max: 507 }), (number, apart) => {
        const one = subnets(environmentSettings(file("community"), number));
        const others = [...standing, ...subnets(environmentSettings(file("community"), number + apart))];
        expect(one.some((subnet) => others.some((other) => overlap(subnet, other)))).toBe(false);
      }),
      { numRuns: 50 },
    );
  });

  it("is of no template whose clusters exist, or whose secrets are another stack's", () => {
    expect(() => environmentSettings(file("openshift"), 1)).toThrow(/has existing clusters/);
    const encrypted = `${file("community")}  flatmesh:license:\n    secure: v1:abc\n`;
    expect(() => environmentSettings(encrypted, 1)).toThrow(/has encrypted values/);
    const opened = `environment: [acme/prod]\n${file("community")}`;
    expect(() => environmentSettings(opened, 1)).toThrow(/takes settings from an environment of Pulumi ESC/);
  });
});
