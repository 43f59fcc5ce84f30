/** Versions that stand in several files agree. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { coerce, gte, minVersion, satisfies, subset } from "semver";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { z } from "zod";
import { projectFolder } from "../../../rehearsal/program";
import { catalogue, versions } from "../../../rehearsal/tools/catalogue";

const textOf = (file: string): string => readFileSync(join(projectFolder, file), "utf8");
const Package = z.object({
  engines: z.object({ node: z.string().optional() }).optional(),
  dependencies: z.record(z.string(), z.string()).default({}),
  devDependencies: z.record(z.string(), z.string()).default({}),
});
const own = Package.parse(JSON.parse(textOf("package.json")));
const engines = own.engines?.node ?? "";

const Workflow = z.object({
  jobs: z.record(
    z.string(),
    z.object({
      strategy: z.object({ matrix: z.record(z.string(), z.unknown()) }).optional(),
      steps: z.array(z.object({ uses: z.string().default(""), with: z.record(z.string(), z.unknown()).default({}) })),
    }),
  ),
});
const jobsOf = (name: string) => Workflow.parse(parse(textOf(`.github/workflows/${name}.yml`))).jobs;
const workflows = ["ci", "drift", "pull-request", "pull-request-environment", "release"];
const inputs = (action: string, input: string, names = workflows) =>
  names.flatMap((name) =>
    Object.values(jobsOf(name)).flatMap(({ steps }) =>
      steps.filter(({ uses }) => uses.startsWith(`${action}@`)).map((step) => step.with[input]),
    ),
  );

const Container = z.object({ image: z.string(), features: z.record(z.string(), z.record(z.string(), z.string())) });
const container = Container.parse(JSON.parse(textOf(".devcontainer/devcontainer.json")));
const feature = (name: string) =>
  Object.entries(container.features).find(([address]) => address.split("/").at(-1)?.startsWith(`${name}:`))?.[1] ?? {};

describe("Node.js", () => {
  const matrix = z.array(z.string()).parse(jobsOf("ci")["test"]?.strategy?.matrix["node"]);
  const newestOf = (release: string) => (release.includes(".") ? `${release}.0` : `${release}.999.0`);

  it("is tested on pull requests in every version that package.json allows, from the oldest on", () => {
    const allowed = engines.split(" || ").map((range) => minVersion(range));
    expect(matrix.map((release) => coerce(release)?.major)).toEqual(allowed.map((version) => version?.major));
    expect(matrix[0]).toBe(`${String(allowed[0]?.major)}.${String(allowed[0]?.minor)}`);
    for (const release of matrix) {
      expect(satisfies(newestOf(release), engines), release).toBe(true);
    }
  });

  it("is one of those versions in .nvmrc, the development container and every other job", () => {
    const main = textOf(".nvmrc").trim();
    expect(matrix).toContain(main);
    expect(container.image).toMatch(new RegExp(`/typescript-node:\\d+\\.\\d+\\.\\d+-${main}-`));
    const others = inputs("actions/setup-node", "node-version").filter((version) => version !== "${{ matrix.node }}");
    expect(new Set(others)).toEqual(new Set([Number(main)]));
  });

  it("runs every package that the program and its tests need, in every version that package.json allows", () => {
    const names = Object.keys({ ...own.dependencies, ...own.devDependencies });
    const refusing = names.filter((name) => {
      const theirs = Package.parse(JSON.parse(textOf(`node_modules/${name}/package.json`))).engines?.node ?? "*";
      return !subset(engines, theirs);
    });
    expect(refusing).toEqual([]);
  });

  it("has the types of the oldest version, so that nothing newer is used", () => {
    expect(coerce(own.devDependencies["@types/node"])?.major).toBe(minVersion(engines)?.major);
  });
});

describe("Pulumi's CLI", () => {
  const { requiredPulumiVersion } = z
    .object({ requiredPulumiVersion: z.string().regex(/^>=\d+\.\d+\.\d+$/) })
    .parse(parse(textOf("Pulumi.yaml")));
  const oldest = minVersion(requiredPulumiVersion)?.version ?? "";

  it("has a lower bound in Pulumi.yaml: that of rehearsals, and no older than the SDK", () => {
    expect(oldest).toBe(minVersion(catalogue.pulumi.range)?.version);
    expect(gte(oldest, own.dependencies["@pulumi/pulumi"] ?? "")).toBe(true);
  });

  it.each(["README.md", "docs/kind.md"])("has it in %s", (file) => {
    expect(textOf(file)).toContain(`[Pulumi CLI](https://www.pulumi.com/docs/install/) ${oldest} or later`);
  });

  it("is the same wherever it is installed, but for the job that tests with the oldest", () => {
    const installed = inputs("pulumi/actions", "pulumi-version", workflows.slice(1));
    expect(new Set([...installed, feature("pulumi")["version"]])).toEqual(new Set([versions.pulumi]));
    expect(inputs("pulumi/actions", "pulumi-version", ["ci"])).toEqual([oldest]);
  });
});

describe("the development container", () => {
  it("has the tools in the versions that rehearsals and tests provide", () => {
    expect(feature("kubectl-helm-minikube")).toEqual({
      version: versions.kubernetes,
      helm: versions.helm,
      minikube: "none",
    });
    expect(feature("kind")).toEqual({ version: versions.kind });
    expect(feature("docker-in-docker")).toEqual({});
  });

  it("takes features by their exact version", () => {
    for (const address of Object.keys(container.features)) {
      expect(address).toMatch(/^ghcr\.io\/devcontainers(-extra)?\/features\/[\w-]+:\d+\.\d+\.\d+$/);
    }
  });
});
