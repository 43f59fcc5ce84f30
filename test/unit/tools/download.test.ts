import { createHash } from "node:crypto";
import { mkdtemp, readFile, rm, stat, writeFile, mkdir } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { strToU8, zipSync } from "fflate";
import { create } from "tar";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { download, sumOf } from "../../../rehearsal/tools/download";
import { withNetwork } from "../../../rehearsal/tools/network";

const sha256 = (content: Uint8Array): string => createHash("sha256").update(content).digest("hex");

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

  const get = (name: string, more: { sums?: string; member?: string } = {}): Promise<string> =>
    withNetwork((network) => download({ version: "1", url: `${base}/${name}`, ...more }, folder, network));

  it("gives an executable file", async () => {
    files.set("/kind", strToU8("program"));
    const file = await get("kind");
    expect(await readFile(file, "utf8")).toBe("program");
    expect((await stat(file)).mode & 0o777).toBe(0o755);
  });

  it("takes the program out of a tar.gz and out of a zip, and nothing else", async () => {
    await mkdir(join(folder, "in", "tool-1"), { recursive: true });
    await writeFile(join(folder, "in", "tool-1", "tool"), "from tar");
    await writeFile(join(folder, "in", "tool-1", "README"), "…");
    await create({ gzip: true, cwd: join(folder, "in"), file: join(folder, "in.tar.gz") }, ["tool-1"]);
    files.set("/tool.tar.gz", await readFile(join(folder, "in.tar.gz")));
    expect(await readFile(await get("tool.tar.gz", { member: "tool-1/tool" }), "utf8")).toBe("from tar");
    await expect(stat(join(folder, "README"))).rejects.toThrow("ENOENT");
    await rm(join(folder, "tool"));
    files.set("/tool.zip", zipSync({ "tool-1/tool": strToU8("from zip"), "tool-1/README": strToU8("…") }));
    expect(await readFile(await get("tool.zip", { member: "tool-1/tool" }), "utf8")).toBe("from zip");
  });

  it.each(["tar.gz", "zip"])("says so when a %s lacks the program", async (kind) => {
    await writeFile(join(folder, "other"), "…");
    await create({ gzip: true, cwd: folder, file: join(folder, "in.tar.gz") }, ["other"]);
    files.set("/a.tar.gz", await readFile(join(folder, "in.tar.gz")));
    files.set("/a.zip", zipSync({ other: strToU8("…") }));
    await expect(get(`a.${kind}`, { member: "tool" })).rejects.toThrow(`a.${kind} has no tool in it`);
  });

  it("takes what has the published sum, and refuses what hasn't", async () => {
    const content = strToU8("program");
    files.set("/kind", content).set("/sums", strToU8(`${sha256(content)}  kind\n`));
    await expect(get("kind", { sums: `${base}/sums` })).resolves.toBe(join(folder, "kind"));
    await rm(join(folder, "kind"));
    files.set("/kind", strToU8("another program"));
    await expect(get("kind", { sums: `${base}/sums` })).rejects.toThrow(
      /\/kind has the SHA-256 sum .* but .*\/sums gives/,
    );
  });

  it("refuses what the published list doesn't have", async () => {
    files.set("/kind", strToU8("program")).set("/sums", strToU8(`${"0".repeat(64)}  other\n`));
    await expect(get("kind", { sums: `${base}/sums` })).rejects.toThrow(/has no sum for .*\/kind/);
  });

  it("says which address answered what", async () => {
    await expect(get("kind")).rejects.toThrow(`${base}/kind answers 404 Not Found`);
  });
});

describe("sumOf", () => {
  const [a, b] = ["a".repeat(64), "b".repeat(64)];
  it("finds the file's line in a list, however it is written", () => {
    expect(sumOf("one", `${a}  zero\n${b}  one\n`)).toBe(b);
    expect(sumOf("one", `${b} *one`)).toBe(b);
    expect(sumOf("one", `${b.toUpperCase()}  one`)).toBe(b);
  });
  it("takes a bare sum as that of the only file", () => {
    expect(sumOf("one", `${a}\n`)).toBe(a);
  });
  it("finds nothing for another file", () => {
    expect(sumOf("one", `${a}  two\n`)).toBeUndefined();
    expect(sumOf("one", "")).toBeUndefined();
  });
});
