import { coerce, lt } from "semver";
import { z } from "zod";
import { type Platform, platformOf } from "./catalogue";
import { run } from "./command";
import { ToolError } from "./errors";
import { which } from "./path";
import type { Progress } from "./progress";

/** The newest `go` line of the modules in the catalogue. */
export const neededGo = "1.26.0";
/** From here on, Go fetches a newer Go by itself, from its module proxy, unless GOTOOLCHAIN forbids it. */
const selfUpdatingGo = "1.21.0";

const settings = z.object({ GOVERSION: z.string(), GOTOOLCHAIN: z.string(), GOSUMDB: z.string() });
const downloaded = z.object({ Dir: z.string(), GoMod: z.string(), Version: z.string() });

/** A module that has been downloaded. */
export interface GoModule {
  readonly version: string;
  /** The folder with its files; read-only. */
  readonly folder: string;
  readonly goMod: string;
}

/** A Go command that can build the catalogue's modules. */
export class Go {
  private constructor(
    private readonly file: string,
    private readonly platform: Platform,
  ) {}

  /**
   * The Go of the PATH; throws a ToolError if there is none or it is too old. It builds for that operating system, by default this
   * machine's own, whatever the user's settings say. The user is told if those keep Go from asking whether a module is what
   * everybody else got.
   */
  static async find(progress: Progress, system?: Platform["os"]): Promise<Go> {
    const file = await which("go");
    if (file === undefined) {
      throw new ToolError("Go is not on the PATH");
    }
    const own = platformOf(process.platform, process.arch);
    const go = new Go(file, { ...own, os: system ?? own.os });
    const { GOVERSION, GOTOOLCHAIN, GOSUMDB } = settings.parse(
      JSON.parse(await go.run(["env", "-json", "GOVERSION", "GOTOOLCHAIN", "GOSUMDB"], "/")),
    );
    const oldest = GOTOOLCHAIN.startsWith("local") ? neededGo : selfUpdatingGo;
    if (lt(coerce(GOVERSION) ?? "0.0.0", oldest)) {
      throw new ToolError(`${file} is ${GOVERSION}, and ${neededGo} or newer is needed`);
    }
    if (GOSUMDB === "off") {
      progress.step(
        "GOSUMDB=off: Go modules are not verified. To verify them, run `go env -u GOSUMDB`, or unset the variable",
      );
    }
    return go;
  }

  /** Runs Go in that folder. */
  async run(args: readonly string[], cwd: string): Promise<string> {
    // The compiler spends a good part of its time collecting garbage, unless it is allowed more memory.
    const env = {
      GOGC: "400",
      ...process.env,
      CGO_ENABLED: "0",
      GOOS: this.platform.os,
      GOARCH: this.platform.arch,
      GOWORK: "off",
      GO111MODULE: "on",
      // All modules are public: the user's settings for private modules, and for those without TLS, must not apply. Go treats an
      // empty variable as one that isn't set, and reads its own file of settings instead.
      GONOSUMDB: "none",
      GOINSECURE: "none",
    };
    return run(this.file, args, { cwd, env });
  }

  /**
   * Downloads one module, which Go verifies by its checksum database, unless the user's GOSUMDB is "off". The version may be a
   * prefix (`v1.4`), which means the newest that begins with it.
   */
  async module(path: string, version: string, cwd: string): Promise<GoModule> {
    const output = await this.run(["mod", "download", "-json", `${path}@${version}`], cwd);
    const { Dir, GoMod, Version } = downloaded.parse(JSON.parse(output));
    return { version: Version, folder: Dir, goMod: GoMod };
  }
}
