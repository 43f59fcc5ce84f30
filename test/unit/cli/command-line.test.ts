import { join } from "node:path";
import { afterEach, describe, expect, it, vi } from "vitest";
import { type Handlers, runCommandLine } from "../../../cli/command-line";

afterEach(() => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
});

/** What became of a command line. */
interface Outcome {
  readonly exitCode: number;
  /** The command that was run, with its options; undefined where none was. */
  readonly ran: readonly [command: string, options: unknown] | undefined;
  readonly out: string;
  readonly err: string;
}

/** Runs a command line whose commands do nothing, and come to exit code 7. */
async function type(line: string): Promise<Outcome> {
  let ran: Outcome["ran"];
  let [out, err] = ["", ""];
  const handler = (command: string) => (options: unknown) => {
    ran = [command, options];
    return Promise.resolve(7);
  };
  const handlers: Handlers = {
    rehearse: handler("rehearse"),
    check: handler("check"),
    kubeconfig: handler("kubeconfig"),
    values: handler("values"),
  };
  const exitCode = await runCommandLine(line.split(" ").filter(Boolean), handlers, {
    out: (text) => {
      out += text;
    },
    err: (text) => {
      err += text;
    },
  });
  return { exitCode, ran, out, err };
}

describe("a command line", () => {
  it("is refused on Windows itself, with the way to run it there", async () => {
    const { platform } = process;
    Object.defineProperty(process, "platform", { value: "win32" });
    try {
      expect(await type("rehearse")).toEqual({
        exitCode: 2,
        ran: undefined,
        out: "",
        err: expect.stringMatching(/^This program does not run on Windows itself: .* Run it in WSL 2 /) as unknown,
      });
    } finally {
      Object.defineProperty(process, "platform", { value: platform });
    }
  });

  it.each([
    ["values --stack dev", { stack: "dev" }],
    ["values --stack dev --cluster a --chart istiod", { stack: "dev", cluster: "a", chart: "istiod" }],
    ["rehearse", { stack: "dev" }],
    ["rehearse --stack production-west --down", { stack: "production-west", down: true }],
    ["rehearse --stack=hub --verbose", { stack: "hub", verbose: true }],
    ["check --stack acme/flatmesh/dev", { stack: "acme/flatmesh/dev", output: "text" }],
    ["check --stack dev --rehearsal --output json", { stack: "dev", rehearsal: true, output: "json" }],
    ["check --stack dev --precheck", { stack: "dev", precheck: true, output: "text" }],
    [
      "check --contexts a,kind-b --links a>b,b>a --only pods,root --verbose",
      {
        contexts: ["a", "kind-b"],
        links: [
          { from: "a", to: "b" },
          { from: "b", to: "a" },
        ],
        only: ["pods", "root"],
        verbose: true,
        output: "text",
      },
    ],
    ["check --list", { list: true, output: "text" }],
    ["kubeconfig --stack dev", { stack: "dev" }],
    ["kubeconfig --stack dev --rehearsal --cluster a", { stack: "dev", rehearsal: true, cluster: "a" }],
  ])("runs `%s`, and has its exit code", async (line, options) => {
    expect(await type(line)).toEqual({ exitCode: 7, ran: [line.split(" ")[0], options], out: "", err: "" });
  });

  it.each([
    ["chekc --stack dev", 2, "unknown command 'chekc'\n(Did you mean check?)"],
    ["rehearse --stak dev", 1, "unknown option '--stak'\n(Did you mean --stack?)"],
    ["rehearse --dwon", 1, "unknown option '--dwon'\n(Did you mean --down?)"],
    ["check --contxets a", 2, "unknown option '--contxets'\n(Did you mean --contexts?)"],
    ["kubeconfig --stack dev --clutser a", 2, "unknown option '--clutser'\n(Did you mean --cluster?)"],
    ["rehearse dev", 1, "too many arguments"],
    ["rehearse --stack ../dev", 1, "'../dev' is invalid. Write the name from Pulumi.<name>.yaml."],
    ["rehearse --stack", 1, "argument missing"],
    ["rehearse --stack --down", 1, "'--down' is invalid"],
    ["check", 2, "name a mesh: --stack NAME, or --contexts A,B"],
    ["check --stack a/b/c/d", 2, "'a/b/c/d' is invalid"],
    ["check --stack a/../b", 2, "'a/../b' is invalid"],
    ["check --stack dev --contexts a", 2, "'--stack <name>' cannot be used with option '--contexts <names>'"],
    ["check --contexts a --rehearsal", 2, "'--rehearsal' cannot be used with option '--contexts <names>'"],
    ["check --stack dev --precheck --rehearsal", 2, "'--rehearsal' cannot be used with option '--precheck'"],
    ["check --stack dev --links a>b", 2, "'--links <links>' cannot be used with option '--stack <name>'"],
    ["check --contexts a,a", 2, "Name at least one, and each once"],
    ["check --contexts ,", 2, "Name at least one, and each once"],
    ["check --contexts --verbose", 2, "'--verbose' is invalid. Its value is missing."],
    ["check --contexts a,b --links a-b", 2, "Write the clusters' names in the mesh"],
    ["check --stack dev --output xml", 2, "Allowed choices are text, json, junit."],
    ["kubeconfig", 2, "required option '--stack <name>' not specified"],
    ["kubeconfig --stack dev --file --cluster", 2, "'--cluster' is invalid. Its value is missing."],
  ])("refuses `%s` with exit code %i", async (line, exitCode, message) => {
    const outcome = await type(line);
    expect(outcome).toMatchObject({ exitCode, ran: undefined, out: "" });
    expect(outcome.err).toContain(message);
    expect(outcome.err).toMatch(/\nFor its (options|commands): npx flatmesh.* --help\n$/);
  });

  it.each(["rehearse", "check", "kubeconfig"])(
    "tells the options of %s, and what its exit codes say",
    async (command) => {
      const outcome = await type(`${command} --help`);
      expect(outcome).toMatchObject({ exitCode: 0, ran: undefined, err: "" });
      expect(outcome.out).toMatch(new RegExp(`^Usage: flatmesh ${command} \\[options\\]\n`));
      expect(outcome.out).toMatch(/\n {2}--stack <name> [^]*\n\nExit code: 0/);
      expect(await type(`help ${command}`)).toEqual(outcome);
    },
  );

  it("tells the commands, and that one is missing", async () => {
    const help = await type("--help");
    expect(help).toMatchObject({ exitCode: 0, err: "" });
    expect(help.out).toMatch(/Commands:\n {2}rehearse \[options\] .*\n {2}check \[options\] .*\n {2}kubeconfig /);
    expect(await type("")).toEqual({ ...help, exitCode: 2, out: "", err: help.out });
  });

  it("obeys nothing of what it quotes", async () => {
    expect((await type("rehearse --stack \u001b[2J")).err).toContain("argument '\\x1b[2J' is invalid");
  });

  it("has a file where it was called: npm runs a project's scripts in the project's own folder", async () => {
    const project = join(__dirname, "..", "..", "..");
    const called = async (path: string) => (await type(`kubeconfig --stack dev --cluster a --file ${path}`)).ran?.[1];
    vi.spyOn(process, "cwd").mockReturnValue(project);
    vi.stubEnv("INIT_CWD", "/home/me");
    expect(await called("a.kubeconfig")).toMatchObject({ file: "/home/me/a.kubeconfig" });
    expect(await called("/tmp/a.kubeconfig")).toMatchObject({ file: "/tmp/a.kubeconfig" });
    vi.spyOn(process, "cwd").mockReturnValue("/elsewhere");
    expect(await called("a.kubeconfig")).toMatchObject({ file: "/elsewhere/a.kubeconfig" });
    vi.stubEnv("INIT_CWD", undefined);
    vi.spyOn(process, "cwd").mockReturnValue(project);
    expect(await called("a.kubeconfig")).toMatchObject({ file: join(project, "a.kubeconfig") });
  });
});
