import { spawn } from "node:child_process";
import { text } from "node:stream/consumers";
import { z } from "zod";
import { WorkflowError } from "./pulumi";

/** Pages of comments or issues. */
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

/** The author of what a workflow writes with its own token. */
const author = "github-actions[bot]";

/**
 * One repository on GitHub. GitHub's own CLI is used rather than Octokit: it is on every runner, so that the job that holds a token
 * that can write needs no further package; it honours HTTPS_PROXY, which Octokit, by Node's fetch, does not; and the token stays
 * in its environment.
 */
export class GitHub {
  /** @param repository `owner/name`. */
  constructor(private readonly repository: string) {}

  /** Creates the one comment of this name on a pull request, or updates it. */
  async comment(pullRequest: number, name: string, body: string): Promise<void> {
    const existing = await this.#find(`issues/${String(pullRequest)}/comments`, name);
    await (existing
      ? this.#send("PATCH", `issues/comments/${String(existing.id)}`, { body: marked(name, body) })
      : this.#send("POST", `issues/${String(pullRequest)}/comments`, { body: marked(name, body) }));
  }

  /** Opens the one issue of this name, or updates it; closes it if there is no body. */
  async issue(name: string, title: string, body: string | undefined): Promise<void> {
    const existing = await this.#find("issues?state=open", name);
    if (existing?.number !== undefined) {
      const change = body === undefined ? { state: "closed" } : { title, body: marked(name, body) };
      await this.#send("PATCH", `issues/${String(existing.number)}`, change);
    } else if (body !== undefined) {
      await this.#send("POST", "issues", { title, body: marked(name, body) });
    }
  }

  /** What this workflow has written before; texts of other authors do not count. */
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

/** Identifies a comment or an issue; not visible. */
function mark(name: string): string {
  return `<!-- flatmesh: ${name} -->\n`;
}

function marked(name: string, body: string): string {
  return `${mark(name)}${body}`;
}

async function gh(args: readonly string[], input = ""): Promise<string> {
  const child = spawn("gh", args, { stdio: ["pipe", "pipe", "pipe"] });
  // If it ends without reading, its exit status says why.
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
