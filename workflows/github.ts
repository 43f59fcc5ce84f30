import { spawn } from "node:child_process";
import { text } from "node:stream/consumers";
import { z } from "zod";
import { WorkflowError } from "./pulumi";

/** Comments or issues, page by page. */
const Pages = z.array(
  z.array(
    z.object({
      id: z.int(),
      number: z.int().optional(),
      body: z.string().nullable(),
      user: z.object({ login: z.string() }).nullable(),
    }),
  ),
);

/** Who writes what a workflow writes with its own token. */
const author = "github-actions[bot]";

/** GitHub, for one repository, by its own CLI: that is on every runner, and takes its token from GH_TOKEN. */
export class GitHub {
  /** @param repository `owner/name`. */
  constructor(private readonly repository: string) {}

  /** Writes the one comment of this name on a pull request, or brings it up to date. */
  async comment(pullRequest: number, name: string, body: string): Promise<void> {
    const there = await this.#find(`issues/${String(pullRequest)}/comments`, name);
    await (there
      ? this.#send("PATCH", `issues/comments/${String(there.id)}`, { body: marked(name, body) })
      : this.#send("POST", `issues/${String(pullRequest)}/comments`, { body: marked(name, body) }));
  }

  /** Opens the one issue of this name, or brings it up to date; without a body it is closed. */
  async issue(name: string, title: string, body: string | undefined): Promise<void> {
    const there = await this.#find("issues?state=open", name);
    if (there?.number !== undefined) {
      const change = body === undefined ? { state: "closed" } : { title, body: marked(name, body) };
      await this.#send("PATCH", `issues/${String(there.number)}`, change);
    } else if (body !== undefined) {
      await this.#send("POST", "issues", { title, body: marked(name, body) });
    }
  }

  /** What this workflow has written before: nobody else's text is taken for it. */
  async #find(path: string, name: string): Promise<z.output<typeof Pages>[number][number] | undefined> {
    const pages = await gh(["api", "--paginate", "--slurp", `repos/${this.repository}/${path}`]);
    return Pages.parse(JSON.parse(pages))
      .flat()
      .find(({ user, body }) => user?.login === author && body?.startsWith(mark(name)));
  }

  async #send(method: string, path: string, content: object): Promise<void> {
    await gh(["api", "--method", method, `repos/${this.repository}/${path}`, "--input", "-"], JSON.stringify(content));
  }
}

/** Tells one comment from another; not to be seen. */
function mark(name: string): string {
  return `<!-- flatmesh: ${name} -->\n`;
}

function marked(name: string, body: string): string {
  return `${mark(name)}${body}`;
}

async function gh(args: readonly string[], input = ""): Promise<string> {
  const child = spawn("gh", args, { stdio: ["pipe", "pipe", "pipe"] });
  // Where it ends without reading, its exit status says why.
  child.stdin.on("error", () => undefined).end(input);
  const [output, error, status] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    new Promise((resolve, reject) => child.on("error", reject).on("close", resolve)),
  ]);
  if (status !== 0) {
    throw new WorkflowError(`gh ${args.slice(0, 4).join(" ")}: ${error.trim()}`);
  }
  return output;
}
