/**
 * The steps of the workflows with a Pulumi CLI and a GitHub CLI that are played: what they are asked, and what is made of
 * their answers. The events are Pulumi's own; that the real ones take these arguments and answer so can't be seen here.
 */
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { findDrift, readDrift, writeDrift } from "../../../workflows/drift";
import { environmentDown, environmentUp } from "../../../workflows/environment";
import { GitHub } from "../../../workflows/github";
import { policyArguments, previewStack } from "../../../workflows/preview";
import { readReports, writeReport } from "../../../workflows/reports";

interface Call {
  readonly args: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  readonly kubeconfig?: { readonly file: string; readonly mode: number; readonly text: string };
}

/** Every step is a process or several. */
const patience = { timeout: 60_000 };

let world: string;
const kept = process.env;

beforeEach(() => {
  world = mkdtempSync(join(tmpdir(), "flatmesh-workflows-"));
  writeFileSync(join(world, "github.json"), JSON.stringify({ comments: [], issues: [] }));
  process.env = {
    ...kept,
    PATH: [join(__dirname, "fakes"), kept["PATH"] ?? ""].join(delimiter),
    WORLD: world,
    PULUMI_ACCESS_TOKEN: "token-of-pulumi",
    PULUMI_CONFIG_PASSPHRASE: "",
    GH_TOKEN: "token",
  };
});
afterEach(() => {
  process.env = kept;
  rmSync(world, { recursive: true, force: true });
});

/** How Pulumi's CLI answers from now on. */
function answer(status: number, { events, error }: { events?: string; error?: string } = {}): void {
  const text = events && readFileSync(join(__dirname, "events", `${events}.jsonl`), "utf8");
  writeFileSync(join(world, "answer"), JSON.stringify({ status, events: text, error }));
}

function calls(): Call[] {
  const text = readFileSync(join(world, "calls"), "utf8");
  return text
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as Call);
}

describe("a preview", patience, () => {
  it("asks for the engine's events, and for nothing that is not set", async () => {
    answer(0, { events: "change" });
    expect(await previewStack("dev")).toMatchObject({
      outcome: "planned",
      plan: { changes: [{ operation: "update" }] },
    });
    const [call] = calls();
    expect(call?.args).toEqual(["preview", "--stack", "dev", "--policy-pack", "policy", "--json", "--non-interactive"]);
    expect(call?.environment).toMatchObject({ PULUMI_ENABLE_STREAMING_JSON_PREVIEW: "true" });
    expect(call?.environment).not.toHaveProperty("PULUMI_CONFIG_PASSPHRASE");
    expect(call?.kubeconfig).toBeUndefined();
  });

  it("gives Pulumi the runner's kubeconfig in a file of its own, and leaves none behind", async () => {
    process.env["FLATMESH_KUBECONFIG"] = "the clusters' keys";
    answer(0);
    await previewStack("dev");
    const { kubeconfig, environment } = calls()[0] ?? {};
    expect(kubeconfig).toMatchObject({ mode: 0o600, text: "the clusters' keys" });
    expect(existsSync(kubeconfig?.file ?? "")).toBe(false);
    expect(environment).not.toHaveProperty("FLATMESH_KUBECONFIG");
  });

  it("runs the policy pack where there is one", () => {
    expect(policyArguments(world)).toEqual([]);
    mkdirSync(join(world, "policy"));
    writeFileSync(join(world, "policy", "PulumiPolicy.yaml"), "runtime: nodejs\n");
    expect(policyArguments(world)).toEqual(["--policy-pack", "policy"]);
    writeFileSync(join(world, "policy", "config.json"), "{}");
    expect(policyArguments(world)).toEqual(["--policy-pack", "policy", "--policy-pack-config", "policy/config.json"]);
  });

  it("tells a fault of the settings, a stack that is not there yet, and a CLI that could not begin", async () => {
    answer(1, { events: "wrong" });
    const wrong = await previewStack("dev");
    expect(wrong).toMatchObject({ outcome: "failed", plan: { messages: [{ severity: "error" }] } });
    answer(6, { error: "error: no stack named 'dev' found" });
    expect(await previewStack("dev")).toEqual({ outcome: "new" });
    answer(3, { error: "error: invalid access token\n" });
    expect(await previewStack("dev")).toMatchObject({
      outcome: "failed",
      plan: { messages: [{ severity: "error", text: "error: invalid access token" }] },
    });
  });

  it("quotes nothing of what Pulumi printed where that breaks off", async () => {
    const broken = '{"diagnosticEvent": licence-Zq8xT4wB7n';
    writeFileSync(join(world, "answer"), JSON.stringify({ status: 1, events: broken, error: "error: killed" }));
    expect(await previewStack("dev")).toEqual({
      outcome: "failed",
      plan: { changes: [], messages: [{ severity: "error", text: "error: killed" }], violations: [] },
    });
  });

  it("is not tried without a backend", async () => {
    delete process.env["PULUMI_ACCESS_TOKEN"];
    process.env["PULUMI_BACKEND_URL"] = "";
    expect(await previewStack("dev")).toEqual({ outcome: "unconfigured" });
    expect(existsSync(join(world, "calls"))).toBe(false);
  });

  it("reaches the comment by a file", async () => {
    answer(0, { events: "change" });
    const preview = await previewStack("dev");
    await writeReport(join(world, "reports"), "dev", preview);
    await writeReport(join(world, "reports"), "dev", { outcome: "failed", log: "no such chart" });
    expect(await readReports(join(world, "reports"), ["dev", "other"])).toEqual([
      { stack: "dev", preview, rehearsal: { outcome: "failed", log: "no such chart" } },
      { stack: "other", preview: undefined, rehearsal: undefined },
    ]);
  });

  it.each<[string, (file: string) => void]>([
    [
      "is no JSON",
      (file) => {
        writeFileSync(file, "{");
      },
    ],
    [
      "has another form",
      (file) => {
        writeFileSync(file, JSON.stringify({ outcome: "planned", plan: { changes: "none" } }));
      },
    ],
    [
      "has markup for an operation",
      (file) => {
        const change = { operation: "</summary><img src=x>", type: "t", name: "n", properties: [] };
        const plan = { changes: [change], messages: [], violations: [] };
        writeFileSync(file, JSON.stringify({ outcome: "planned", plan }));
      },
    ],
    [
      "leads to another file",
      (file) => {
        writeFileSync(join(world, "other"), JSON.stringify({ outcome: "new" }));
        symlinkSync(join(world, "other"), file);
      },
    ],
    [
      "is huge",
      (file) => {
        writeFileSync(file, JSON.stringify({ outcome: "new" }) + " ".repeat(2 ** 24));
      },
    ],
  ])("that %s is not taken for a report", async (_what, leave) => {
    const folder = join(world, "reports", "preview-dev");
    mkdirSync(folder, { recursive: true });
    leave(join(folder, "report.json"));
    expect(await readReports(join(world, "reports"), ["dev"])).toMatchObject([{ preview: { outcome: "unreadable" } }]);
  });

  it("is no other stack's, whatever else a job leaves in its folder", async () => {
    const reports = join(world, "reports");
    await writeReport(reports, "evil", { outcome: "new" });
    for (const name of ["dev.preview.json", "preview-dev/report.json"]) {
      mkdirSync(dirname(join(reports, "preview-evil", name)), { recursive: true });
      writeFileSync(join(reports, "preview-evil", name), JSON.stringify({ outcome: "new" }));
    }
    expect(await readReports(reports, ["dev", "evil"])).toMatchObject([
      { stack: "dev", preview: undefined },
      { stack: "evil", preview: { outcome: "new" } },
    ]);
  });
});

describe("drift", patience, () => {
  const look = async (status: number, given: Parameters<typeof answer>[1] = {}) => {
    answer(status, given);
    const drift = await findDrift("dev");
    await writeDrift(world, "dev", drift);
    const body = await readDrift(world, "dev");
    await new GitHub("owner/name").issue("drift of dev", "Drift in stack dev", body === "" ? undefined : body);
    return drift.outcome;
  };
  const issues = () =>
    (JSON.parse(readFileSync(join(world, "github.json"), "utf8")) as { issues: { state: string; body: string }[] })
      .issues;

  it("is one issue from when it is found until it is gone", async () => {
    expect(await look(0)).toBe("none");
    expect(issues()).toEqual([]);
    expect(await look(7, { events: "drift", error: "error: no changes were expected" })).toBe("drifted");
    expect(calls().at(-1)?.args).toEqual("preview --stack dev --expect-no-changes --json --non-interactive".split(" "));
    expect(issues()).toMatchObject([
      {
        state: "open",
        title: "Drift in stack dev",
        body: expect.stringMatching(
          /^<!-- flatmesh: drift of dev -->\n[^]*: other → flat-network[^]*pulumi up --stack dev/,
        ) as unknown,
      },
    ]);
    expect(issues()[0]?.body).not.toContain("no changes were expected");
    expect(await look(1, { error: "error: failed to load the backend" })).toBe("failed");
    expect(issues()).toMatchObject([
      { state: "open", body: expect.stringMatching(/could not be previewed[^]*failed to load/) as unknown },
    ]);
    expect(await look(0)).toBe("none");
    expect(issues()).toMatchObject([{ state: "closed" }]);
    expect(await look(7, { events: "drift" })).toBe("drifted");
    expect(issues()).toMatchObject([{ state: "closed" }, { state: "open" }]);
  });
});

describe("a comment", patience, () => {
  const comments = () =>
    (JSON.parse(readFileSync(join(world, "github.json"), "utf8")) as { comments: { id: number; body: string }[] })
      .comments;

  it("is one on each pull request, brought up to date, whatever others write", async () => {
    const mark = "<!-- flatmesh: pull request -->\n";
    const others = [1, 2, 3].map((id) => ({ id, on: 7, user: { login: "somebody" }, body: `${mark}not ours` }));
    writeFileSync(join(world, "github.json"), JSON.stringify({ comments: others, issues: [] }));
    const gitHub = new GitHub("owner/name");
    await gitHub.comment(7, "pull request", "first `$(id)` text");
    await gitHub.comment(8, "pull request", "elsewhere");
    await gitHub.comment(7, "pull request", "second text");
    expect(comments().slice(3)).toMatchObject([
      { on: 7, body: `${mark}second text` },
      { on: 8, body: `${mark}elsewhere` },
    ]);
    expect(comments().slice(0, 3)).toEqual(others);
  });

  it("that can't be written says why", async () => {
    delete process.env["GH_TOKEN"];
    await expect(new GitHub("owner/name").comment(7, "pull request", "text")).rejects.toThrow(
      /gh api .*set the GH_TOKEN/,
    );
  });
});

describe("the environment of a closed pull request", patience, () => {
  it("is destroyed with its stack, once", async () => {
    vi.spyOn(process.stdout, "write").mockReturnValue(true);
    answer(0);
    expect(await environmentDown(12)).toBe(0);
    expect(calls()[0]?.args).toEqual(
      "destroy --yes --skip-preview --remove --stack pr-12 --color never --non-interactive".split(" "),
    );
    answer(6, { error: "error: no stack named 'pr-12' found" });
    expect(await environmentDown(12)).toBe(0);
    answer(1, { error: "error: it is locked" });
    expect(await environmentDown(12)).toBe(1);
    vi.restoreAllMocks();
  });

  it("has in the log what clusters say, and nothing that the runner would do for them", async () => {
    const told: string[] = [];
    for (const stream of [process.stdout, process.stderr]) {
      vi.spyOn(stream, "write").mockImplementation((text) => {
        told.push(String(text));
        return true;
      });
    }
    answer(1, { error: "error: no\n::add-mask::a\r  ::stop-commands::b\nc ##[group]d \u001b[2J" });
    await environmentDown(12);
    vi.restoreAllMocks();
    expect(told.join("")).toBe("error: no\n\\x3a:add-mask::a\n  \\x3a:stop-commands::b\nc \\x23#[group]d \\x1b[2J\n");
  });

  it("is looked for in no backend but its own", async () => {
    delete process.env["PULUMI_ACCESS_TOKEN"];
    await expect(environmentDown(12)).rejects.toThrow(/set FLATMESH_ENVIRONMENT_ACCESS_TOKEN/);
    await expect(environmentUp(12, "community")).rejects.toThrow(/set FLATMESH_ENVIRONMENT_ACCESS_TOKEN/);
    expect(existsSync(join(world, "calls"))).toBe(false);
  });
});
