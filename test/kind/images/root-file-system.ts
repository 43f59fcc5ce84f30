import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import {
  kept,
  messageOf,
  run,
  stopwatch,
  ToolError,
  which,
  withHeartbeat,
  type Progress,
} from "../../../rehearsal/tools";
import { digest, type Ingredient } from "./ingredient";

/** Debian 12: its containerd is one that kind's configuration fits. */
const release = "bookworm";

/** What no container looks at. */
const ballast = [
  "./var/cache/*",
  "./var/lib/apt/lists/*",
  "./usr/share/doc/*",
  "./usr/share/man/*",
  "./usr/share/locale/*",
];

/** A Debian system of these packages and what they need, as a tar file. */
export function rootFileSystem(name: string, packages: readonly string[]): Ingredient {
  const key = join("root-file-systems", `${name}-${digest(release, ...packages, ...ballast)}.tar`);
  return {
    key,
    provide: (progress) => kept(key, progress, (scratch) => install(name, packages, scratch, progress)),
  };
}

async function install(
  name: string,
  packages: readonly string[],
  scratch: string,
  progress: Progress,
): Promise<string> {
  const debootstrap = await findDebootstrap();
  const mirror = await findMirror();
  const [root, tar] = [join(scratch, "root"), join(scratch, "root.tar")];
  const elapsed = stopwatch();
  progress.step(`installing a Debian system for the image ${name} (once)`);
  await withHeartbeat(
    progress,
    (seconds) => `still installing a Debian system for the image ${name} … ${String(seconds)} s`,
    async () => {
      await run(debootstrap, ["--variant=minbase", `--include=${packages.join()}`, release, root, mirror]);
      await run("tar", ["-C", root, ...ballast.map((path) => `--exclude=${path}`), "-cf", tar, "."]);
      await rm(root, { recursive: true });
    },
  );
  progress.step(`Debian system for the image ${name}: ready after ${String(elapsed())} s`);
  return tar;
}

async function findDebootstrap(): Promise<string> {
  const system = await readFile("/etc/os-release", "utf8").catch(() => "");
  if (!/^ID=debian$/m.test(system)) {
    throw impossible("that works on Debian alone");
  }
  if (process.getuid?.() !== 0) {
    throw impossible("only root can do that");
  }
  const debootstrap = await which("debootstrap");
  if (debootstrap === undefined) {
    throw impossible("debootstrap is not on the PATH (apt-get install debootstrap puts it into /usr/sbin)");
  }
  return debootstrap;
}

/** The package mirror that this machine's apt uses. */
async function findMirror(): Promise<string> {
  const format = "$(CODENAME) $(REPO_URI)";
  const [mirror] = (
    await run("apt-get", ["indextargets", "--format", format, "Created-By: Packages"]).catch((error: unknown) => {
      throw impossible(`apt does not tell its package mirror: ${messageOf(error)}`);
    })
  )
    .split("\n")
    .flatMap((line) => /^[a-z]+ (\S+)$/.exec(line)?.[1] ?? []);
  if (mirror === undefined) {
    throw impossible("apt knows no package mirror: see /etc/apt/sources.list");
  }
  return mirror;
}

function impossible(reason: string): ToolError {
  return new ToolError(
    `No container registry is within reach, and the images of the kind tests can't be made from Debian packages either: ${reason}. ` +
      "Let the container engine reach a registry, or run the tests as root on a Debian machine that has debootstrap.",
  );
}
