import { execFileSync } from "node:child_process";
import { chmod, chown, cp, mkdir, readFile, rename, rm, stat, symlink, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { provideTools } from "../../../rehearsal/tools";
import { Machine } from "./machine";
import { installGo, installModule, write } from "./registries";

// Each test starts a dozen shell scripts, which takes its time on a busy machine.
vi.setConfig({ testTimeout: 60_000 });

const built = "go.etcd.io/etcd/server/v3\n";

let machine: Machine;
beforeEach(async () => {
  machine = await Machine.make();
  await installGo(machine);
  await installModule(machine, "go.etcd.io/etcd/server/v3@v3.6.4");
  await installModule(machine, "sigs.k8s.io/kwok@v0.8.0");
  await machine.script("pulumi", "echo v3.250.0");
});
afterEach(() => machine.remove());

const root = (): string => join(machine.cache, "tools", "etcd", "3.6.4");
const program = (): string => join(root(), "bin", "etcd");

/** Runs etcd as a rehearsal has it, and says how often Go was needed for it and what the user heard. */
async function provide(): Promise<{ output: string; builds: number; lines: readonly string[] }> {
  machine.lines.length = 0;
  await rm(join(machine.folder, "go.log"), { force: true });
  const { programs } = await provideTools(["etcd"], machine.progress);
  const log = await readFile(join(machine.folder, "go.log"), "utf8").catch(() => "");
  return {
    output: execFileSync(programs.etcd ?? "", { encoding: "utf8" }),
    builds: (log.match(/^build -mod=mod/gm) ?? []).length,
    lines: [...machine.lines],
  };
}

const asKept = { output: built, builds: 0, lines: [] };
const anew = { output: built, builds: 1 };

describe("a kept program", () => {
  it("is run as it was kept", async () => {
    expect(await provide()).toMatchObject(anew);
    expect(await provide()).toEqual(asKept);
  });

  it("is removed and obtained again when its content has changed, and the user hears why", async () => {
    await provide();
    await writeFile(program(), "#!/bin/sh\necho forged");
    const after = await provide();
    expect(after).toMatchObject(anew);
    expect(after.lines).toContainEqual(
      expect.stringMatching(
        /tools\/etcd\/3\.6\.4 is removed, and etcd obtained again: it has changed: its digest is sha256:\w{64}, expected was sha256:/,
      ),
    );
    expect(await provide()).toEqual(asKept);
  });

  it("is removed although size and time of the change are those of the original", async () => {
    await provide();
    const { atime, mtime, size } = await stat(program());
    await writeFile(program(), "#!/bin/sh\necho forged".padEnd(size));
    await utimes(program(), atime, mtime);
    expect(await provide()).toMatchObject(anew);
  });

  it("is taken in a copy of the cache, as long as the copy is the same", async () => {
    await provide();
    const copy = join(machine.folder, "copy");
    await cp(machine.cache, copy, { recursive: true });
    vi.stubEnv("FLATMESH_CACHE", copy);
    expect(await provide()).toEqual(asKept);
    await writeFile(join(copy, "tools", "etcd", "3.6.4", "bin", "etcd"), "#!/bin/sh\necho forged");
    expect(await provide()).toMatchObject(anew);
  });

  it.each([
    ["the program", () => chmod(program(), 0o777), "etcd is writable by others (mode 777)"],
    ["a folder above it", () => chmod(root(), 0o775), "3.6.4 is writable by others (mode 775)"],
    [
      "a link for the program",
      async () => {
        await rename(program(), join(machine.folder, "elsewhere"));
        await symlink(join(machine.folder, "elsewhere"), program());
      },
      "etcd is a symbolic link",
    ],
  ])("is removed when others could have written to it: %s", async (_, open, fault) => {
    await provide();
    await open();
    const after = await provide();
    expect(after).toMatchObject(anew);
    expect(after.lines.join("\n")).toContain(fault);
  });

  it.runIf(process.getuid?.() === 0)("is removed when it is another user's", async () => {
    await provide();
    await chown(program(), 12_345, 12_345);
    expect((await provide()).lines.join("\n")).toContain("etcd belongs to another user (12345)");
  });

  it("of Go is taken over from a time when no digests were recorded, for what it is then", async () => {
    await provide();
    await rm(join(root(), "digest.json"));
    expect(await provide()).toEqual(asKept);
    await writeFile(program(), "#!/bin/sh\necho forged");
    expect(await provide()).toMatchObject(anew);
  });

  it.each([
    [
      "an archive",
      "downloaded from https://github.com/etcd-io/etcd/releases/download/v3.6.4/etcd-v3.6.4-linux-amd64.tar.gz",
    ],
    ["another address", "downloaded from https://example.com/etcd"],
  ])("downloaded in such a time, from %s, is obtained again", async (_, origin) => {
    await write(program(), "#!/bin/sh\necho old");
    await chmod(program(), 0o755);
    await writeFile(join(root(), "origin"), origin);
    expect(await provide()).toMatchObject(anew);
  });

  it.runIf(process.platform === "linux" && process.arch === "x64")(
    "whose own digest stands in the source has to have that one, whatever the cache says",
    async () => {
      const kwok = join(machine.cache, "tools", "kwok", "0.8.0");
      await write(join(kwok, "bin", "kwok"), "#!/bin/sh\necho forged");
      await chmod(join(kwok, "bin", "kwok"), 0o755);
      const url = "https://github.com/kubernetes-sigs/kwok/releases/download/v0.8.0/kwok-linux-amd64";
      await writeFile(join(kwok, "origin"), `downloaded from ${url}`);
      await writeFile(join(kwok, "digest.json"), JSON.stringify({ digest: `sha256:${"0".repeat(64)}`, stamp: "any" }));
      const { where } = await provideTools(["kwok"], machine.progress);
      expect(where.kwok).toBe("0.8.0, built from the Go module sigs.k8s.io/kwok v0.8.0");
      expect(machine.lines.join("\n")).toContain(
        "expected was sha256:f5a4385a2ae1b9dd7f8acae18e002a75c0ebba124ae9d7259aa8dadb50711f46",
      );
    },
  );
});

describe("the cache", () => {
  it("is closed to others", async () => {
    await provide();
    expect((await stat(machine.cache)).mode & 0o777).toBe(0o700);
  });

  it("is not used while others may write to it: nothing in it is run or asked, and the message says what helps", async () => {
    await provide();
    await chmod(machine.cache, 0o777);
    await expect(provide()).rejects.toThrow(
      `The cache of tools can't be used. ${machine.cache} is writable by others (mode 777), who could have put anything ` +
        `into it. If nobody has, close it: \`chmod -R go-w ${machine.cache}\`; otherwise remove it: \`rm -rf ${machine.cache}\`. ` +
        "Or name another folder in FLATMESH_CACHE.",
    );
    execFileSync("/bin/chmod", ["-R", "go-w", machine.cache]);
    expect(await provide()).toEqual(asKept);
  });

  it("has a link to a program on the PATH lead there, and nowhere else", async () => {
    const pulumi = join(machine.bin, "pulumi");
    const link = join(machine.cache, "links", encodeURIComponent(pulumi), "bin", "pulumi");
    await mkdir(join(link, ".."), { recursive: true });
    await symlink("/bin/true", link);
    const { pulumiRoot } = await provideTools([], machine.progress);
    expect(execFileSync(join(pulumiRoot, "bin", "pulumi"), { encoding: "utf8" })).toBe("v3.250.0\n");
  });
});

describe("Go", () => {
  it("checks every module, whatever the user has as private", async () => {
    vi.stubEnv("GONOSUMDB", "*");
    vi.stubEnv("GOPRIVATE", "*");
    vi.stubEnv("GOINSECURE", "*");
    await provide();
    const lines = (await readFile(join(machine.folder, "go.unchecked"), "utf8")).trim().split("\n");
    expect(new Set(lines)).toEqual(new Set(["none none"]));
    expect(machine.lines.join("\n")).not.toContain("GOSUMDB");
  });

  it("tells the user where it can't, since its checksum database is switched off", async () => {
    await installGo(machine, "go1.26.0", "local", "off");
    expect((await provide()).lines).toContainEqual(expect.stringMatching(/^GOSUMDB=off: Go modules are not verified/));
  });
});
