import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { Machine } from "./machine";

/**
 * Puts a `go` on the machine's PATH that has the modules of `installModule`, "builds" scripts that say which package
 * they are, and writes what it was asked, a line each, to `go.log`, and what of modules it was not to check to `go.unchecked`.
 */
export async function installGo(
  machine: Machine,
  version = "go1.26.0",
  toolchain = "local",
  checksumDatabase = "sum.example.com",
): Promise<void> {
  await machine.script(
    "go",
    `
echo "$*" >> ${machine.folder}/go.log
echo "$GONOSUMDB $GOINSECURE" >> ${machine.folder}/go.unchecked
case "$1 $2" in
  "env -json") echo '{"GOVERSION": "${version}", "GOTOOLCHAIN": "${toolchain}", "GOSUMDB": "${checksumDatabase}"}' ;;
  "mod download")
    module=${machine.folder}/modules/$4
    [ -d "$module" ] || { echo "$4: not found" >&2; exit 1; }
    printf '{"Dir": "%s", "GoMod": "%s", "Version": "%s"}' "$module" "$module/go.mod" "$(cat "$module/version")" ;;
  "mod edit") cat "$4" ;;
  "build -mod=mod")
    cp go.mod go.sum ${machine.folder}
    while [ "$1" != -o ]; do shift; done
    out=$2
    shift 2
    for package; do
      program=$out$(basename "\${package%/v3}")
      printf '#!/bin/sh\\necho %s' "$package" > "$program"
      chmod +x "$program"
    done ;;
esac`,
  );
}

/**
 * Adds a module to what the machine's `go` has; `spec` is `path@version`, `version` what a version prefix in it stands
 * for.
 */
export async function installModule(
  machine: Machine,
  spec: string,
  goMod: object = {},
  version = spec.slice(spec.lastIndexOf("@") + 1),
): Promise<string> {
  const folder = join(machine.folder, "modules", spec);
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, "go.mod"), JSON.stringify(goMod));
  await writeFile(join(folder, "go.sum"), `${spec} h1:sum\n`);
  await writeFile(join(folder, "version"), version);
  return folder;
}

/** Writes a file and the folders that it needs. */
export async function write(file: string, text: string): Promise<void> {
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, text);
}
