import { execFile } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { z } from "zod";

/** How somebody shows a registry who he is. */
export interface Credentials {
  readonly username: string;
  readonly password: string;
  /** In place of a password: what a registry gives who has logged in, to get tokens with. */
  readonly identityToken?: string;
  /** Where they come from, for messages. */
  readonly from: string;
}

const run = promisify(execFile);

/** How long a credential helper may take, in milliseconds: some ask a cloud. */
const patience = 30_000;

const Entry = z.object({
  auth: z.string().optional(),
  username: z.string().optional(),
  password: z.string().optional(),
  identitytoken: z.string().optional(),
});
const LoginFile = z.object({
  auths: z.record(z.string(), Entry).default({}),
  credHelpers: z.record(z.string(), z.string()).default({}),
  credsStore: z.string().optional(),
});
const HelperAnswer = z.object({ Username: z.string(), Secret: z.string() });

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Where logins are looked for, first things first, as Pulumi's plugin does for a release: that of Helm by the plugin's own variable or
 * in Helm's folder (helmpath of helm.sh/helm, which knows HELM_REGISTRY_CONFIG only on its command line), then Docker's.
 */
export function loginFiles(environment: Environment = process.env, platform: string = process.platform): string[] {
  const home = environment["HOME"] || homedir();
  const configuration =
    environment["XDG_CONFIG_HOME"] ||
    (platform === "darwin" ? join(home, "Library", "Preferences") : join(home, ".config"));
  const helm = environment["HELM_CONFIG_HOME"] || join(configuration, "helm");
  const legacy = join(helm, "registry.json");
  return [
    environment["PULUMI_K8S_HELM_REGISTRY_CONFIG_PATH"] ??
      (existsSync(legacy) ? legacy : join(helm, "registry", "config.json")),
    join(environment["DOCKER_CONFIG"] || join(home, ".docker"), "config.json"),
  ];
}

/**
 * The engineer's own login to a registry, by `helm registry login` or `docker login`; undefined where there is none.
 *
 * @throws Error for a file that can't be read, and for a credential helper that fails, with its name.
 */
export async function loginTo(host: string, files: readonly string[]): Promise<Credentials | undefined> {
  for (const file of files) {
    const found = existsSync(file) ? await loginOf(host, file) : undefined;
    if (found) {
      return found;
    }
  }
  return undefined;
}

async function loginOf(host: string, file: string): Promise<Credentials | undefined> {
  const logins = read(file);
  // Docker's own registry is the one that has a URL for its name.
  const key = /^(?:registry-1\.|index\.)?docker\.io$/.test(host) ? "https://index.docker.io/v1/" : host;
  const helper = logins.credHelpers[key] ?? logins.credsStore;
  if (helper !== undefined && helper !== "") {
    return askHelper(helper, key, file);
  }
  const entry =
    logins.auths[key] ?? Object.entries(logins.auths).find(([name]) => bareHost(name) === bareHost(key))?.[1];
  return entry && credentialsIn(entry, file);
}

function read(file: string): z.output<typeof LoginFile> {
  try {
    return LoginFile.parse(JSON.parse(readFileSync(file, "utf8")));
  } catch (error) {
    // What a parser says quotes the text, which has passwords.
    const reason =
      error instanceof Error && "code" in error ? String(error.code) : "it is not the JSON of a login file";
    throw new Error(`${file} can't be read (${reason})`, { cause: error });
  }
}

function credentialsIn(entry: z.output<typeof Entry>, from: string): Credentials | undefined {
  const plain = Buffer.from(entry.auth ?? "", "base64").toString("utf8");
  const colon = plain.indexOf(":");
  const username = colon > 0 ? plain.slice(0, colon) : (entry.username ?? "");
  // Docker ends some of them in zero bytes.
  const password = colon > 0 ? plain.slice(colon + 1).replace(/\0+$/, "") : (entry.password ?? "");
  if (entry.identitytoken) {
    return { username, password: "", identityToken: entry.identitytoken, from };
  }
  return username === "" && password === "" ? undefined : { username, password, from };
}

/** Docker's protocol of credential helpers: https://github.com/docker/docker-credential-helpers. */
async function askHelper(helper: string, server: string, file: string): Promise<Credentials | undefined> {
  const command = `docker-credential-${helper}`;
  if (!/^[\w.-]+$/.test(helper)) {
    throw new Error(`${file} names a credential helper that is no name of a command`);
  }
  const asked = run(command, ["get"], { timeout: patience });
  asked.child.stdin?.on("error", () => undefined);
  asked.child.stdin?.end(server);
  let answer: string;
  try {
    answer = (await asked).stdout;
  } catch (error) {
    // Helpers say so on their output, and nothing else tells it from a failure.
    if (error instanceof Error && "stdout" in error && String(error.stdout).includes("credentials not found")) {
      return undefined;
    }
    const reason = error instanceof Error && "code" in error ? ` (${String(error.code)})` : "";
    throw new Error(`the credential helper ${command}, which ${file} names, fails${reason}`, { cause: error });
  }
  const { data } = HelperAnswer.safeParse(parsed(answer));
  if (!data) {
    throw new Error(
      `the credential helper ${command}, which ${file} names, answers with something else than credentials`,
    );
  }
  const { Username: username, Secret: secret } = data;
  const from = `${command}, which ${file} names`;
  return username === "<token>"
    ? { username: "", password: "", identityToken: secret, from }
    : { username, password: secret, from };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function bareHost(server: string): string {
  return server.replace(/^https?:\/\//, "").replace(/\/.*$/, "");
}
