/**
 * The programs that get credentials, `exec` of a user, run as kubectl runs them (plugin/pkg/client/auth/exec of kubernetes/client-go).
 * `ExecAuth` of `@kubernetes/client-node` does not tell them what they are asked for (KUBERNETES_EXEC_INFO), waits for them without
 * end, and fails with what they have printed, or with an exception of its own where that is not what it expects.
 */
import { spawn } from "node:child_process";
import { z } from "zod";
import { excerpt } from "../error-messages";
import { type Entries, shown } from "./entries";
import { KubeconfigError } from "./error";
import { execApi } from "./usable";

type User = NonNullable<NonNullable<Entries["user"]>["user"]>;

/** Credentials that a program has got. */
interface Credential {
  readonly token?: string | undefined;
  /** Certificate and key, PEM. */
  readonly certificate?: string | undefined;
  readonly key?: string | undefined;
}

const text = z.string().nullish();
const ExecCredential = z.object({
  apiVersion: text,
  status: z
    .object({ token: text, clientCertificateData: text, clientKeyData: text, expirationTimestamp: text })
    .nullish(),
});

/** How long a program may take, in milliseconds: some ask a server far away, and none can ask the engineer. */
const usualPatience = 60_000;
/** Bytes of what it prints. */
const longest = 1 << 20;

/** A program is run once for all connections, until what it has printed expires: some take seconds. */
const known = new Map<string, { readonly credential: Promise<Credential>; end: number }>();

/**
 * Gets a user's credentials by the program of its entry; undefined if it has none.
 *
 * @throws KubeconfigError that names the user and the program, and nothing of what could be a secret.
 */
export async function execCredential(
  { cluster, user: entry }: Entries,
  where: string,
  patience = usualPatience,
): Promise<Credential | undefined> {
  const exec = entry?.user?.exec;
  if (!entry || !exec) {
    return undefined;
  }
  const about = new About(where, `the user ${shown(entry.name)}, whose program ${shown(exec.command ?? "")}`);
  const info = { kind: "ExecCredential", apiVersion: exec.apiVersion, spec: specOf(exec, cluster) };
  const environment = {
    ...process.env,
    ...Object.fromEntries((exec.env ?? []).map(({ name, value }) => [name ?? "", value ?? ""])),
    KUBERNETES_EXEC_INFO: JSON.stringify(info),
  };
  const key = JSON.stringify([where, exec, info]);
  const before = known.get(key);
  if (before && before.end > Date.now()) {
    return before.credential;
  }
  const run = { credential: Promise.resolve<Credential>({}), end: Infinity };
  run.credential = printedBy(exec, environment, patience, about).then((printed) => {
    const { credential, expires } = credentialIn(printed, exec.apiVersion ?? "", about);
    run.end = expires;
    return credential;
  });
  known.set(key, run);
  run.credential.catch(() => known.delete(key));
  return run.credential;
}

/** What a program is told. */
function specOf(exec: NonNullable<User["exec"]>, { cluster }: Entries["cluster"]): object {
  const { server, extensions } = cluster;
  const named = z.array(z.object({ name: z.string(), extension: z.unknown() })).safeParse(extensions).data ?? [];
  const config = named.find(({ name }) => name === `${execApi}/exec`)?.extension;
  const fields = ["tls-server-name", "insecure-skip-tls-verify", "certificate-authority-data", "proxy-url"] as const;
  const given = fields.flatMap((field) => (cluster[field] ? [[field, cluster[field]] as const] : []));
  return {
    interactive: false,
    ...(exec.provideClusterInfo && {
      cluster: { server, ...Object.fromEntries(given), ...(config ? { config } : {}) },
    }),
  };
}

/** The standard output of a program that ends well. */
function printedBy(
  exec: NonNullable<User["exec"]>,
  env: NodeJS.ProcessEnv,
  patience: number,
  about: About,
): Promise<string> {
  const { command, args, installHint } = exec;
  return new Promise((resolve, reject) => {
    const child = spawn(command ?? "", args ?? [], { env, stdio: ["ignore", "pipe", "pipe"] });
    const output: Buffer[] = [];
    const errors: Buffer[] = [];
    let [bytes, late] = [0, false];
    const stop = setTimeout(() => {
      late = true;
      child.kill("SIGKILL");
      // Its own children may keep the pipes open.
      child.stdout.destroy();
      child.stderr.destroy();
    }, patience);
    const collect = (chunks: Buffer[]) => (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes <= longest) {
        chunks.push(chunk);
      }
    };
    child.stdout.on("data", collect(output));
    child.stderr.on("data", collect(errors));
    child.on("error", (error) => {
      clearTimeout(stop);
      const code = "code" in error ? String(error.code) : "";
      const hint = installHint ? `: ${excerpt(installHint).replace(/[.\s]+$/, "")}` : "";
      reject(
        code === "ENOENT"
          ? about.error("is not installed here", `install it, and see that it is on the PATH${hint}`)
          : about.error(`can't be run${code && ` (${code})`}`, `correct its permissions${hint}`),
      );
    });
    child.on("close", (status) => {
      clearTimeout(stop);
      if (late) {
        reject(
          about.error(
            `did not end within ${String(patience / 1000)} seconds`,
            "log in beforehand, so that it need not ask: it has no terminal here",
          ),
        );
      } else if (status !== 0) {
        const words = withoutSecrets(excerpt(Buffer.concat(errors).toString()));
        reject(
          about.error(
            `failed${status === null ? "" : ` with status ${String(status)}`}${words && `: ${words.replace(/[.\s]+$/, "")}`}`,
            "log in again, or run kubectl with this context, which runs the same program",
          ),
        );
      } else {
        resolve(Buffer.concat(output).toString());
      }
    });
  });
}

/** What a program has printed, which no message quotes. */
function credentialIn(printed: string, apiVersion: string, about: About): { credential: Credential; expires: number } {
  const again = "run kubectl with this context, which runs the same program, and update the program";
  const read = ExecCredential.safeParse(parsed(printed)).data;
  if (read === undefined) {
    throw about.error("does not print an ExecCredential", again);
  }
  if (read.apiVersion !== apiVersion) {
    throw about.error(
      "speaks another version of the API than the kubeconfig says",
      `write ${read.apiVersion?.startsWith(`${execApi}/v`) ? shown(read.apiVersion) : "the program's"} into apiVersion of its exec`,
    );
  }
  const { token, clientCertificateData: certificate, clientKeyData: key, expirationTimestamp } = read.status ?? {};
  if (!token && !(certificate && key)) {
    throw about.error("prints neither a token nor a certificate with its key", again);
  }
  const expires = Date.parse(expirationTimestamp ?? "");
  return {
    credential: { token: token || undefined, certificate: certificate || undefined, key: key || undefined },
    expires: Number.isNaN(expires) ? Infinity : expires,
  };
}

function parsed(printed: string): unknown {
  try {
    return JSON.parse(printed);
  } catch {
    return undefined;
  }
}

/** Words of a program, without those that could be a credential: long, and of digits and letters. */
function withoutSecrets(words: string): string {
  return words.replace(/[\w+/=.~-]{20,}/g, (word) => (/\d/.test(word) && /[A-Za-z]/.test(word) ? "[…]" : word));
}

/** The program that a message is about. */
class About {
  constructor(
    private readonly where: string,
    private readonly program: string,
  ) {}

  error(problem: string, remedy: string): KubeconfigError {
    return new KubeconfigError(this.where, `has ${this.program} ${problem}`, remedy);
  }
}
