/** A rehearsal that is killed, at its worst moments, and run again: it starts anew, and leaves no process of the killed one. */
import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, expect, it } from "vitest";
import { Environment } from "./environment";
import { oneCluster } from "./one-cluster";

let environment: Environment;
afterEach(() => environment.down());

it.each([
  ["while its clusters are made", /rehearsing stack/, 3000],
  ["in the middle of a Helm release", /only: API server ready$/m, 1500],
])("is as if it had not been killed %s", async (_when, moment, milliseconds) => {
  environment = await Environment.open();
  await killAfter(moment, milliseconds);
  const left = await environment.processes();

  const results = await environment.rehearse(oneCluster);

  expect(environment.transcript.told.join("\n")).toContain("the last rehearsal was interrupted: starting anew");
  expect(Object.keys(results.changes)).toEqual(["create"]);
  expect(environment.names("only", "daemonsets", "istio-system")).toEqual(["istio-cni-node", "ztunnel"]);
  const now = await environment.processes();
  expect(now.filter((pid) => left.includes(pid))).toEqual([]);
  expect(now.filter((pid) => programOf(pid) === "kube-apiserver")).toHaveLength(1);
});

/** Rehearses in a process of its own, and kills that when what it says matches, some time later. */
function killAfter(moment: RegExp, milliseconds: number): Promise<void> {
  const child = spawn(
    process.execPath,
    ["--require", "tsx/cjs", join(__dirname, "interrupted-run.ts"), environment.folder],
    { stdio: ["ignore", "pipe", "inherit"] },
  );
  let said = "";
  let killing: NodeJS.Timeout | undefined;
  return new Promise((resolve, reject) => {
    child.stdout.on("data", (chunk: Buffer) => {
      said += chunk.toString("utf8");
      if (moment.test(said)) {
        killing ??= setTimeout(() => child.kill("SIGKILL"), milliseconds);
      }
    });
    child.on("exit", (_code, signal) => {
      clearTimeout(killing);
      if (signal === "SIGKILL" && !said.includes("finished")) {
        resolve();
      } else {
        reject(new Error(`it ended before it could be killed, having said:\n${said}`));
      }
    });
  });
}

function programOf(pid: number): string {
  return readFileSync(`/proc/${String(pid)}/comm`, "utf8").trim();
}
