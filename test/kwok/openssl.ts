import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** openssl, a judge of certificates that had no hand in making them, in a folder with some files. */
export class OpenSsl {
  private readonly folder = mkdtempSync(join(tmpdir(), "openssl-"));

  constructor(files: readonly (readonly [name: string, text: string])[]) {
    files.forEach(([name, text]) => {
      this.write(name, text);
    });
  }

  /** Runs openssl with arguments that have no spaces in them, and returns what it prints; throws with what it complains of. */
  run(line: string): string {
    return execFileSync("openssl", line.split(" "), {
      cwd: this.folder,
      encoding: "utf8",
      stdio: ["ignore", "pipe", "pipe"],
    });
  }

  /** Lets an authority make another one, and that one a leaf; throws when the leaf is not verified against the root. */
  verifyBelow(authority: string, key: string, root: string): void {
    this.write("below.ext", "basicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign\n");
    this.run("req -newkey rsa:2048 -nodes -keyout below.key -out below.csr -subj /CN=below");
    this.run(
      `x509 -req -in below.csr -CA ${authority} -CAkey ${key} -CAcreateserial -extfile below.ext -out below.pem`,
    );
    this.run("req -newkey rsa:2048 -nodes -keyout leaf.key -out leaf.csr -subj /CN=leaf");
    this.run("x509 -req -in leaf.csr -CA below.pem -CAkey below.key -CAcreateserial -out leaf.pem");
    this.write("between.pem", this.read(authority) + this.read("below.pem"));
    this.run(`verify -CAfile ${root} -untrusted between.pem leaf.pem`);
  }

  close(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }

  read(name: string): string {
    return readFileSync(join(this.folder, name), "utf8");
  }

  write(name: string, text: string): void {
    writeFileSync(join(this.folder, name), text, { mode: 0o600 });
  }
}
