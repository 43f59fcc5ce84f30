import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { stringify } from "yaml";
import { ApiServer, ownAccess } from "../../../kubernetes";

const secret = "eyJhbGciOiJSUzI1NiIsImtpZCI6IjEyMyJ9";
const v1 = "client.authentication.k8s.io/v1";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "flatmesh-exec-"));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

/** A kubeconfig whose user gets credentials by a shell script. */
function access(script: string, exec: object = {}, cluster: object = {}) {
  const program = join(folder, "get-token");
  writeFileSync(program, `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  return ownAccess(
    stringify({
      "current-context": "here",
      contexts: [{ name: "here", context: { cluster: "here", user: "me" } }],
      clusters: [{ name: "here", cluster: { server: "https://here:6443", ...cluster } }],
      users: [{ name: "me", user: { exec: { apiVersion: v1, interactiveMode: "Never", command: program, ...exec } } }],
    }),
    "its kubeconfig",
  );
}

function print(status: object | undefined, apiVersion = v1): string {
  return `echo '${JSON.stringify({ kind: "ExecCredential", apiVersion, status })}'`;
}

const open = (...args: Parameters<typeof access>) => ApiServer.open(access(...args));
const prefix = /^no credentials for it: its kubeconfig has the user me, whose program \S+ /;

describe("a program that gets credentials", () => {
  it("is told what it is asked for, as kubectl tells it, and runs once until its token expires", async () => {
    const told = join(folder, "told");
    const script = (later: number) =>
      `printf '%s\\n' "$KUBERNETES_EXEC_INFO" >>${told}\n${print({
        token: secret,
        expirationTimestamp: new Date(Date.now() + later).toISOString(),
      })}`;
    const cluster = {
      "tls-server-name": "other",
      extensions: [{ name: "client.authentication.k8s.io/exec", extension: { a: 1 } }],
    };
    const lasting = access(script(60_000), { provideClusterInfo: true }, cluster);
    expect((await lasting.config()).getCurrentUser()?.token).toBe(secret);
    expect((await lasting.config()).getCurrentUser()?.token).toBe(secret);
    const lines = () => readFileSync(told, "utf8").trim().split("\n");
    expect(lines().map((line) => JSON.parse(line) as unknown)).toEqual([
      {
        kind: "ExecCredential",
        apiVersion: v1,
        spec: {
          interactive: false,
          cluster: { server: "https://here:6443", "tls-server-name": "other", config: { a: 1 } },
        },
      },
    ]);
    const expired = access(script(-1000));
    await expired.config();
    await expired.config();
    expect(lines()).toHaveLength(3);
  });

  it("gets its arguments and environment", async () => {
    const given = { args: ["one two"], env: [{ name: "TOKEN_OF", value: "me" }] };
    const config = await access(`[ "$1 $TOKEN_OF" = "one two me" ] && ${print({ token: secret })}`, given).config();
    expect(config.getCurrentUser()?.token).toBe(secret);
  });

  it.each([
    [
      "is not there",
      { command: "no-such-program-here", installHint: "Run brew install it.\nThen again." },
      "",
      "is not installed here: install it, and see that it is on the PATH: Run brew install it. Then again",
    ],
    ["may not be run", { command: "/etc/passwd" }, "", "can't be run (EACCES): correct its permissions"],
    [
      "fails",
      {},
      `echo 'session ${secret} expired, log in' >&2; exit 3`,
      "failed with status 3: session […] expired, log in: log in again, or run kubectl with this context",
    ],
    ["prints something else", {}, `echo ${secret}`, "does not print an ExecCredential: run kubectl with this context"],
    ["prints nothing", {}, "", "does not print an ExecCredential"],
    ["prints another object", {}, "echo '[]'", "does not print an ExecCredential"],
    ["has no status", {}, print(undefined), "prints neither a token nor a certificate with its key"],
    ["prints an empty status", {}, print({}), "prints neither a token nor a certificate with its key"],
    ["prints a certificate alone", {}, print({ clientCertificateData: secret }), "prints neither a token nor"],
    [
      "speaks another version",
      {},
      print({ token: secret }, "client.authentication.k8s.io/v1beta1"),
      "speaks another version of the API than the kubeconfig says: write client.authentication.k8s.io/v1beta1",
    ],
  ])("is named with what to do where it %s, and nothing secret is quoted", async (_, exec, script, message) => {
    const refusal = await open(script, exec).then(
      () => "",
      (error: unknown) => String(error instanceof Error ? error.message : error),
    );
    expect(refusal).toMatch(prefix);
    expect(refusal).toContain(message);
    expect(refusal).not.toContain(secret);
  });
});
