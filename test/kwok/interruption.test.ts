/** A rehearsal that is ended early, and run again: it starts over, and leaves no process of the first one. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, expect, it, vi } from "vitest";
import { takeDown } from "../../rehearsal/down";
import { updateBegun } from "../../rehearsal/run";
import { Environment } from "./environment";
import { oneCluster } from "./one-cluster";

let environment: Environment;
afterEach(() => environment.down());

/** Moments of an update, by what is told last before them. */
const moments = {
  whileClustersAreMade: /root certificate issued$/m,
  inTheMiddleOfARelease: /only: API server ready$/m,
};

it.each([
  ["while its clusters are made", moments.whileClustersAreMade, 500],
  ["in the middle of a Helm release", moments.inTheMiddleOfARelease, 1500],
])("is as if it had not been killed %s", async (_when, moment, milliseconds) => {
  environment = await Environment.open();
  const run = new Run(...program());
  await run.reach(moment);
  await sleep(milliseconds);
  run.child.kill("SIGKILL");
  await run.end();
  const left = await environment.processes();
  await rehearseAnew();
  const now = await environment.processes();
  expect(now.filter((pid) => left.includes(pid))).toEqual([]);
});

it("ends at once when it is taken down from elsewhere, and leaves nothing", async () => {
  environment = await Environment.open();
  const run = new Run(...program());
  await run.reach(moments.inTheMiddleOfARelease);
  const start = performance.now();
  const [exitCode] = await Promise.all([run.end(), takeDown(environment.folder)]);
  expect(exitCode).toBe(1);
  expect(run.said).toMatch(/has ended early: process \d+ is taking the rehearsal down\.\n$/);
  expect(performance.now() - start).toBeLessThan(10_000);
  expect(existsSync(environment.folder)).toBe(false);
  expect(await environment.processes()).toEqual([]);
});

it("ends at Ctrl-C with all that it has begun, and starts over", async () => {
  environment = await Environment.open();
  const run = new Run(...program());
  await run.reach(moments.inTheMiddleOfARelease);
  run.child.kill("SIGINT");
  expect(await run.end()).toBe(130);
  expect(run.said).toMatch(/Its clusters have ended with it, and the next run starts over\.\n$/);
  expect(await environment.processes()).toEqual([]);
  await rehearseAnew();
});

it("ends with all that it has begun when npm is gone, and starts over the next time", async () => {
  environment = await Environment.open();
  const [file, args] = program();
  // npm starts scripts by a shell, which stays when npm is killed.
  const shell = ["-c", `"$0" "$@"; exit $?`, file, ...args];
  const npm = `require("node:child_process").spawn("/bin/sh", ${JSON.stringify(shell)}, { stdio: "inherit" })`;
  const run = new Run(process.execPath, ["-e", npm], { npm_lifecycle_event: "start" });
  await run.reach(moments.inTheMiddleOfARelease);
  run.child.kill("SIGKILL");
  await vi.waitFor(() => {
    expect(run.said).toMatch(/the process that started it is gone\. Its clusters have ended with it/);
  }, 20_000);
  expect(await environment.processes()).toEqual([]);
  expect(updateBegun(environment.folder)).toBe(true);
});

/** Rehearses, sees that it starts over and succeeds. */
async function rehearseAnew(): Promise<void> {
  const results = await environment.rehearse(oneCluster);
  expect(environment.transcript.told.join("\n")).toContain("the last rehearsal was interrupted: starting over");
  expect(Object.keys(results.changes)).toEqual(["create"]);
  expect(environment.names("only", "daemonsets", "istio-system")).toEqual(["istio-cni-node", "ztunnel"]);
  const now = await environment.processes();
  expect(now.filter((pid) => programOf(pid) === "kube-apiserver")).toHaveLength(1);
}

/** What rehearses in a process of its own. */
function program(): [file: string, args: string[]] {
  return [process.execPath, ["--require", "tsx/cjs", join(__dirname, "interrupted-run.ts"), environment.folder]];
}

/** A process that rehearses, and what it has said until now. */
class Run {
  readonly child: ChildProcess;
  said = "";
  readonly #ended: Promise<unknown[]>;

  constructor(file: string, args: readonly string[], env: NodeJS.ProcessEnv = {}) {
    const child = spawn(file, args, { env: { ...process.env, ...env }, stdio: ["ignore", "pipe", "inherit"] });
    child.stdout.on("data", (chunk: Buffer) => {
      this.said += chunk.toString("utf8");
    });
    this.child = child;
    this.#ended = once(child, "close");
  }

  /** Waits until it has said something. */
  async reach(moment: RegExp): Promise<void> {
    const reached = async (): Promise<void> => {
      while (!moment.test(this.said) && this.child.exitCode === null) {
        await sleep(20);
      }
    };
    const early = this.#ended.then(() => {
      throw new Error(`it ended before its moment, having said:\n${this.said}`);
    });
    await Promise.race([reached(), early]);
  }

  /** Waits until it has ended, and gives its exit code; null where it was killed. */
  async end(): Promise<unknown> {
    const [code] = await this.#ended;
    expect(this.said).not.toContain("finished");
    return code;
  }
}

function programOf(pid: number): string {
  return readFileSync(`/proc/${String(pid)}/comm`, "utf8").trim();
}
