/** renovate.json finds every pin that it is to keep up, and nothing else in those files. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { images } from "../../../components/demo/images";
import { projectFolder } from "../../../rehearsal/program";
import { versions } from "../../../rehearsal/tools/catalogue";
import { defaultVersion } from "../../../settings/distribution";

const textOf = (file: string): string => readFileSync(join(projectFolder, file), "utf8");
const Renovate = z.object({
  // Otherwise the preset leaves out test/, where versions stand as well.
  ignorePaths: z.tuple([z.literal("**/node_modules/**")]),
  customManagers: z.array(
    z.object({
      customType: z.literal("regex"),
      managerFilePatterns: z.array(z.string().regex(/^\/\^.*\$\/$/)),
      // Renovate's engine (RE2) knows no lookaround and no backreference, and ^ and $ are the file's ends.
      matchStrings: z.array(z.string().regex(/^(?!.*\(\?<?[=!]).*\(\?<currentValue>/)),
      depNameTemplate: z.string().optional(),
      datasourceTemplate: z.string(),
    }),
  ),
  packageRules: z.array(
    z.object({
      matchPackageNames: z.array(z.string()).default([]),
      groupName: z.string().optional(),
      allowedVersions: z.string().optional(),
      matchFileNames: z.array(z.string()).optional(),
      enabled: z.boolean().optional(),
    }),
  ),
});
const { customManagers, packageRules } = Renovate.parse(JSON.parse(textOf("renovate.json")));

/** What Renovate would find: each matchString everywhere in each file of its manager. */
const found = customManagers.flatMap(({ managerFilePatterns, matchStrings, depNameTemplate, datasourceTemplate }) =>
  managerFilePatterns.flatMap((pattern) =>
    filesOf(pattern).flatMap((file) =>
      matchStrings.flatMap((matchString) =>
        [...textOf(file).matchAll(new RegExp(matchString, "g"))].map(({ groups = {} }) => ({
          file,
          matchString,
          name: groups["depName"] ?? depNameTemplate,
          datasource: datasourceTemplate,
          value: groups["currentValue"],
          digest: groups["currentDigest"],
        })),
      ),
    ),
  ),
);

/** The files that a pattern of this renovate.json names; it names no folders. */
function filesOf(pattern: string): string[] {
  const names = pattern.slice(2, -2).replaceAll("\\", "");
  const choice = /\((.*)\)/.exec(names);
  return (choice?.[1]?.split("|") ?? [""]).map((one) => names.replace(choice?.[0] ?? "\0", one));
}

const pins = (name: string) => found.filter((pin) => pin.name === name).map(({ file, value }) => [file, value]);

describe("renovate.json", () => {
  const catalogue = "rehearsal/tools/catalogue.ts";
  const devcontainer = ".devcontainer/devcontainer.json";

  it.each<[string, unknown]>([
    ["docker.io/istio/pilot", [["settings/distribution.ts", defaultVersion.community]]],
    ["us-docker.pkg.dev/soloio-img/istio/pilot", [["settings/distribution.ts", defaultVersion.solo]]],
    [
      "pulumi/pulumi",
      [
        [catalogue, versions.pulumi],
        [devcontainer, versions.pulumi],
      ],
    ],
    [
      "kubernetes/kubernetes",
      [
        [catalogue, versions.kubernetes],
        [devcontainer, versions.kubernetes],
      ],
    ],
    [
      "helm/helm",
      [
        [catalogue, versions.helm],
        [devcontainer, versions.helm],
      ],
    ],
    [
      "kubernetes-sigs/kind",
      [
        [catalogue, versions.kind],
        [devcontainer, versions.kind],
      ],
    ],
    ["kubernetes-sigs/kwok", [[catalogue, versions.kwok]]],
    ["docker.io/istio/examples-helloworld-v1", [["components/demo/images.ts", images.service.split(":")[1]]]],
    ["docker.io/curlimages/curl", [["components/demo/images.ts", images.client.split(":")[1]]]],
  ])("finds %s wherever it is pinned, at the version that is in use", (name, expected) => {
    expect(pins(name)).toEqual(expected);
  });

  it("finds a pin by every regular expression, and in every file that is named for it", () => {
    for (const { matchStrings, managerFilePatterns } of customManagers) {
      for (const matchString of matchStrings) {
        expect(found.map((pin) => pin.matchString)).toContain(matchString);
      }
      for (const file of managerFilePatterns.flatMap(filesOf)) {
        expect(found.filter((pin) => pin.file === file && matchStrings.includes(pin.matchString))).not.toEqual([]);
      }
    }
  });

  it("finds images that have a digest together with it", () => {
    const withDigest = found.filter(({ digest }) => digest !== undefined).map(({ file, name }) => [file, name]);
    expect(withDigest).toEqual([
      ["components/clusters/load-balancers.ts", "registry.k8s.io/cloud-provider-kind/cloud-controller-manager"],
      ["test/kind/images/foundations.ts", "kindest/node"],
    ]);
  });

  it("finds the newest release of the Gateway API, which has to have its digest (npm run maintain)", () => {
    const [[file, newest = ""] = []] = pins("kubernetes-sigs/gateway-api");
    const known = [...textOf(file ?? "").matchAll(/^ {2}"(v[\d.]+)": "[0-9a-f]{64}",$/gm)].map(
      ([, release]) => release,
    );
    expect(known.at(-1)).toBe(newest);
  });

  it("leaves the oldest CLI that is tested alone, which Renovate knows by itself in workflows", () => {
    expect(packageRules).toContainEqual({
      matchPackageNames: ["pulumi/pulumi"],
      matchFileNames: [".github/workflows/ci.yml"],
      enabled: false,
    });
  });

  it("groups Pulumi's packages, and leaves the SDK at the newest that runs on the oldest Node.js", () => {
    const rules = packageRules.filter(({ matchPackageNames }) => matchPackageNames.join().startsWith("@pulumi/"));
    expect(rules).toEqual([
      { matchPackageNames: ["@pulumi/**"], groupName: "Pulumi packages" },
      { matchPackageNames: ["@pulumi/pulumi"], allowedVersions: "<3.249.0" },
    ]);
  });
});
