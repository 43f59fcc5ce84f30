/**
 * The workflow files: well-formed as actionlint has it, and careful with what others may write. GitHub alone can tell
 * whether its expressions come to what is meant.
 */
import { execFile } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { z } from "zod";
import { projectFolder } from "../../../rehearsal/program";

const folder = join(projectFolder, ".github", "workflows");
const files = readdirSync(folder);
const textOf = (file: string): string => readFileSync(join(folder, file), "utf8");

/** Its Go module is where every machine can have it that runs these tests. */
const actionlint = ["run", "github.com/rhysd/actionlint/cmd/actionlint@v1.7.12", "-shellcheck=", "-pyflakes="];

const Step = z.object({
  uses: z.string().optional(),
  run: z.string().optional(),
  with: z.record(z.string(), z.unknown()).default({}),
  env: z.record(z.string(), z.string()).default({}),
});
const Workflow = z.object({
  permissions: z.object({}).strict(),
  // GitHub runs it as bash -e -o pipefail where it is named, and without pipefail where not.
  defaults: z.object({ run: z.object({ shell: z.literal("bash") }).strict() }).strict(),
  jobs: z.record(
    z.string(),
    z.object({
      if: z.string().default(""),
      environment: z.string().optional(),
      permissions: z.record(z.string(), z.string()),
      env: z.record(z.string(), z.string()).default({}),
      steps: z.array(Step),
    }),
  ),
});
const jobsOf = (file: string) => Object.entries(Workflow.parse(parse(textOf(file))).jobs);
const jobs = files.flatMap((file) => jobsOf(file).map(([name, job]) => [`${file}: ${name}`, job] as const));

it("pass actionlint, which finds a fault where there is one", { timeout: 180_000 }, async () => {
  const lint = (...args: string[]) => promisify(execFile)("go", [...actionlint, ...args], { cwd: projectFolder });
  await expect(lint(...files.map((file) => join(folder, file)))).resolves.toMatchObject({ stdout: "" });
  await expect(lint(join(__dirname, "faulty-workflow.yml"))).rejects.toMatchObject({
    stdout: expect.stringMatching(/potentially untrusted/) as unknown,
  });
});

it.each(files)("%s takes others' actions by digest, and says which version that is", (file) => {
  const uses = textOf(file)
    .split("\n")
    .filter((line) => /\buses:/.test(line));
  expect(uses.length).toBeGreaterThan(0);
  for (const line of uses) {
    expect(line).toMatch(/uses: [\w-]+\/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/);
  }
});

it.each(files)("%s runs no code of a pull request with the rights of the branch that it goes to", (file) => {
  expect(textOf(file)).not.toMatch(/pull_request_target|workflow_run/);
});

it("docs/pull-requests.md has every environment, and every secret and variable that a workflow is given", () => {
  const page = readFileSync(join(projectFolder, "docs/pull-requests.md"), "utf8");
  const text = files.map(textOf).join("\n");
  const names = [...text.matchAll(/(?:secrets|vars)\.(\w+)/g), ...text.matchAll(/^ +environment: (.+)$/gm)];
  for (const [, name = ""] of names) {
    expect(page).toContain(`\`${name}\``);
  }
});

describe.each(jobs)("%s", (name, job) => {
  it("writes to nothing but what its name says", () => {
    const own: Readonly<Record<string, Readonly<Record<string, string>>>> = {
      "pull-request.yml: comment": { "pull-requests": "write" },
      "drift.yml: look": { issues: "write" },
      "release.yml: publish": { contents: "write" },
    };
    expect(job.permissions).toEqual({ contents: "read", ...own[name] });
  });

  it("runs no code of the repository where it may write to it", () => {
    if (job.permissions["contents"] === "write") {
      const actions = job.steps.flatMap(({ uses }) => uses?.split("@")[0] ?? []);
      const commands = job.steps.flatMap(({ run }) => run?.split(" ")[0] ?? []);
      expect([actions, commands]).toEqual([["actions/download-artifact"], ["gh"]]);
    }
  });

  it("gets secrets by an environment alone, whose reviewers decide who has them, and has none without", () => {
    const environments: Readonly<Record<string, string>> = {
      "drift.yml: look": "drift",
      "pull-request.yml: preview": "previews",
      "pull-request-environment.yml: up": "pull-request-environments",
      "pull-request-environment.yml: down": "pull-request-environments",
    };
    expect(job.environment).toBe(environments[name]);
    expect(JSON.stringify(job).includes("secrets.")).toBe(name in environments);
  });

  it("keeps a pull request's environment away from the secrets of other stacks", () => {
    const given = [...new Set(JSON.stringify(job).match(/(?:secrets|vars)\.\w+/g))];
    const own = given.filter((one) => one.includes(".FLATMESH_ENVIRONMENT_"));
    expect(own).toEqual(name.startsWith("pull-request-environment.yml") ? given : []);
  });

  it("leaves files under a name of its own for some days, and reads reports each from a folder of its own", () => {
    const reports = (kind: string) => ({
      name: `${kind}-\${{ matrix.stack }}`,
      path: `reports/${kind}-\${{ matrix.stack }}`,
    });
    const left: Readonly<Record<string, object>> = {
      "pull-request.yml: preview": reports("preview"),
      "pull-request.yml: rehearse": reports("rehearsal"),
      "release.yml: verify": { name: "release-notes", path: "notes.md" },
    };
    const read: Readonly<Record<string, object>> = {
      "pull-request.yml: comment": { path: "reports" },
      "release.yml: publish": { name: "release-notes" },
    };
    for (const { uses = "", with: inputs } of job.steps) {
      if (uses.startsWith("actions/upload-artifact@")) {
        expect(inputs).toEqual({ ...left[name], "retention-days": 3 });
      }
      if (uses.startsWith("actions/download-artifact@")) {
        expect(inputs).toEqual(read[name]);
      }
    }
  });

  it("puts no expression into a shell, and leaves no token behind", () => {
    for (const { run, uses, with: inputs } of job.steps) {
      expect(run ?? "").not.toContain("${{");
      if (uses?.startsWith("actions/checkout@")) {
        expect(inputs["persist-credentials"]).toBe(false);
      }
    }
  });

  it("gives secrets to Pulumi's own steps alone, and to no pull request of a fork", () => {
    expect(JSON.stringify(job.env)).not.toContain("secrets.");
    const withSecrets = job.steps.filter(({ env }) => JSON.stringify(env).includes("secrets."));
    for (const { run } of withSecrets) {
      expect(run).toMatch(/^npm run --silent workflow -- (preview|drift|up|down) /);
    }
    if (withSecrets.length > 0 && name.startsWith("pull-request")) {
      expect(job.if).toContain("github.event.pull_request.head.repo.full_name == github.repository");
    }
  });
});
