import { spawnSync } from "node:child_process";
import { chmodSync, lstatSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { readKubeconfig } from "../../../observe/kubeconfig";
import { kubeconfigText } from "../components/mocks";

const project = join(__dirname, "..", "..", "..");
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "flatmesh-kubeconfig-"));
  const secret = { "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270" };
  const resource = (type: string, name: string, outputs: object) => ({
    urn: `urn:pulumi:dev::flatmesh::${type}::${name}`,
    type,
    outputs,
  });
  const state = {
    version: 3,
    deployment: {
      resources: ["b", "a"].map((name) =>
        resource("flatmesh:clusters:KindCluster", `${name}-0123abcd`, {
          kubeconfig: { ...secret, plaintext: JSON.stringify(kubeconfigText(`kind-${name}`, "another")) },
        }),
      ),
    },
  };
  writeFileSync(join(folder, "state.json"), JSON.stringify(state));
  writeFileSync(
    join(folder, "pulumi"),
    `#!/bin/sh\ncase "$*" in\n"stack export --show-secrets --stack dev "*) cat '${folder}/state.json' ;;\n` +
      `*) echo "error: no stack named 'x' found" >&2; exit 255 ;;\nesac\n`,
  );
  chmodSync(join(folder, "pulumi"), 0o755);
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

function kubeconfig(...args: string[]) {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ["--require", "tsx/cjs", join("checks", "kubeconfig.ts"), ...args],
    {
      cwd: project,
      encoding: "utf8",
      env: { ...process.env, INIT_CWD: folder, PATH: [folder, process.env["PATH"] ?? ""].join(delimiter) },
    },
  );
  return { status, stdout, stderr };
}

describe("npm run kubeconfig", () => {
  it("names the clusters that the state has", () => {
    expect(kubeconfig("--stack", "dev")).toEqual({ status: 0, stdout: "a\nb\n", stderr: "" });
  });

  it("prints the kubeconfig of one, with its context alone", () => {
    const { status, stdout } = kubeconfig("--stack", "dev", "--cluster", "a");
    const { contexts } = readKubeconfig(stdout, "what was printed");
    expect([status, contexts.map(({ name }) => name)]).toEqual([0, ["kind-a"]]);
  });

  it("writes it where the engineer is, into a file that nobody else can read, whatever was there", () => {
    writeFileSync(join(folder, "open"), "former", { mode: 0o644 });
    symlinkSync("open", join(folder, "link"));
    for (const file of ["new", "open", "link"]) {
      expect(kubeconfig("--stack", "dev", "--cluster", "a", "--file", file)).toEqual({
        status: 0,
        stdout: "",
        stderr: "",
      });
      expect([lstatSync(join(folder, file)).isFile(), statSync(join(folder, file)).mode & 0o777]).toEqual([
        true,
        0o600,
      ]);
      expect(readFileSync(join(folder, file), "utf8")).toContain("kind-a");
    }
  });

  it.each([
    [["--stack", "dev", "--cluster", "c"], "Stack dev has no cluster c: it has a, b."],
    [["--stack", "dev", "--file", "f"], "--file takes the kubeconfig of one cluster: name it with --cluster."],
    [["--stack", "dev", "--cluster", "a", "--file", "no/such/f"], "no/such/f can't be written."],
    [
      ["--stack", "other"],
      "The state of stack other, which has the ways to its clusters, can't be read: no stack named",
    ],
    [[], "Which stack? Name it"],
    [["--what"], "Unknown option '--what'"],
  ])("says what is wrong, and what to do: %j", (args, message) => {
    const { status, stdout, stderr } = kubeconfig(...args);
    expect([status, stdout, stderr]).toEqual([1, "", expect.stringContaining(message)]);
    // Nothing of what the state has is quoted.
    expect(stderr).not.toMatch(/client-key|YS1jb/);
  });
});
