import { createHash } from "node:crypto";
import { mkdtemp, readdir, readFile, rm, stat, symlink, writeFile, mkdir } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { strToU8, zipSync } from "fflate";
import { create } from "tar";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { digestOf, type Digest } from "../../../rehearsal/tools/digests";
import { download } from "../../../rehearsal/tools/download";
import { withNetwork } from "../../../rehearsal/tools/network";

const hash = (algorithm: string, content: Uint8Array): string => createHash(algorithm).update(content).digest("hex");

describe("download", () => {
  const files = new Map<string, Uint8Array>();
  let server: Server;
  let base: string;
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "flatmesh-download-"));
    server = createServer((request, response) => {
      const content = files.get(request.url ?? "");
      response.writeHead(content === undefined ? 404 : 200).end(content);
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const address = server.address();
    base = `http://127.0.0.1:${String(typeof address === "object" ? address?.port : address)}`;
  });
  afterEach(async () => {
    server.close();
    files.clear();
    await rm(folder, { recursive: true });
  });

  const digestOfServed = (name: string): Digest => `sha256:${hash("sha256", files.get(`/${name}`) ?? strToU8(""))}`;
  const get = (name: string, digest: Digest, ...members: string[]): Promise<string[]> => {
    const source = { version: "1", url: `${base}/${name}`, digest };
    const [first, ...others] = members.map((member) => ({ ...source, member }));
    return withNetwork((network) => download([first ?? source, ...others], folder, network));
  };

  it("gives an executable file", async () => {
    files.set("/kind", strToU8("program"));
    const [file = ""] = await get("kind", digestOfServed("kind"));
    expect(await readFile(file, "utf8")).toBe("program");
    expect((await stat(file)).mode & 0o777).toBe(0o755);
  });

  it("takes the programs out of a tar.gz and out of a zip, and nothing else", async () => {
    await mkdir(join(folder, "in", "tool-1"), { recursive: true });
    await writeFile(join(folder, "in", "tool-1", "tool"), "from tar");
    await writeFile(join(folder, "in", "tool-1", "other"), "also from tar");
    await writeFile(join(folder, "in", "tool-1", "README"), "…");
    await create({ gzip: true, cwd: join(folder, "in"), file: join(folder, "in.tar.gz") }, ["tool-1"]);
    files.set("/tool.tar.gz", await readFile(join(folder, "in.tar.gz")));
    const members = ["tool-1/other", "tool-1/tool"];
    const fromTar = await get("tool.tar.gz", digestOfServed("tool.tar.gz"), ...members);
    expect(await Promise.all(fromTar.map((file) => readFile(file, "utf8")))).toEqual(["also from tar", "from tar"]);
    expect((await readdir(join(folder, "tool-1"))).sort()).toEqual(["other", "tool"]);
    await rm(join(folder, "tool-1"), { recursive: true });
    files.set(
      "/tool.zip",
      zipSync({
        "tool-1/tool": strToU8("from zip"),
        "tool-1/README": strToU8("…"),
        "../outside": strToU8("…"),
      }),
    );
    const [fromZip = ""] = await get("tool.zip", digestOfServed("tool.zip"), "tool-1/tool");
    expect(await readFile(fromZip, "utf8")).toBe("from zip");
    expect(await readdir(join(folder, "tool-1"))).toEqual(["tool"]);
    expect(await readdir(tmpdir())).not.toContain("outside");
  });

  it.each(["tar.gz", "zip"])("says so when a %s lacks the program", async (kind) => {
    await writeFile(join(folder, "other"), "…");
    await create({ gzip: true, cwd: folder, file: join(folder, "in.tar.gz") }, ["other"]);
    files.set("/a.tar.gz", await readFile(join(folder, "in.tar.gz")));
    files.set("/a.zip", zipSync({ other: strToU8("…") }));
    const name = `a.${kind}`;
    await expect(get(name, digestOfServed(name), "tool")).rejects.toThrow(
      `a.${kind} does not contain the expected file tool`,
    );
  });

  it("does not follow a link that has the program's name", async () => {
    await symlink("/bin/sh", join(folder, "tool"));
    await create({ gzip: true, cwd: folder, file: join(folder, "in.tar.gz") }, ["tool"]);
    await rm(join(folder, "tool"));
    files.set("/a.tar.gz", await readFile(join(folder, "in.tar.gz")));
    await expect(get("a.tar.gz", digestOfServed("a.tar.gz"), "tool")).rejects.toThrow(
      "a.tar.gz does not contain the expected file tool",
    );
  });

  it.each(["sha256", "sha512"] as const)(
    "refuses what has another %s, a single bit even, and leaves nothing",
    async (algorithm) => {
      const content = strToU8("program");
      const digest: Digest = `${algorithm}:${hash(algorithm, content)}`;
      files.set("/kind", content);
      const [file = ""] = await get("kind", digest);
      expect(await digestOf(file, algorithm)).toBe(digest);
      await rm(file);

      const changed = Uint8Array.from(content, (byte, index) => (index === 3 ? byte ^ 1 : byte));
      files.set("/kind", changed);
      const error = await get("kind", digest).catch((reason: unknown) => String(reason));
      expect(error).toContain(`${base}/kind does not match its digest in rehearsal/tools/digests.ts`);
      expect(error).toContain(`it has ${algorithm}:${hash(algorithm, changed)}, expected was ${digest}`);
      expect(error).toContain("try again");
      expect(await readdir(folder)).toEqual([]);
    },
  );

  it("says which address returned what", async () => {
    await expect(get("kind", "sha256:")).rejects.toThrow(`${base}/kind returned 404 Not Found`);
  });
});
