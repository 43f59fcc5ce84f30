import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { hostname, release } from "node:os";
import { promisify } from "node:util";
import { z } from "zod";
import { printableLine } from "../printable";

/** The engines whose command this program's scripts can use; kind can use nerdctl and finch as well. */
type EngineName = "docker" | "podman";

/** The container engine that kind clusters are made with. */
export interface ContainerEngine {
  readonly name: EngineName;
  /** Whether its containers run on the kernel of this machine, and not in a virtual machine. */
  readonly ownKernel: boolean;
}

/** The command of the container engine, as the scripts choose it. */
export function engineCommand(): string {
  return chosen() || "docker";
}

const variable = "KIND_EXPERIMENTAL_PROVIDER";

function chosen(): string {
  return process.env[variable] ?? "";
}

/**
 * Looks at the container engine of this machine.
 *
 * @param loadBalancer Whether a container gets the engine's socket, to make load balancers by it.
 * @param containerMark A file that every container of Docker has.
 * @returns The engine where it can be used, or what is wrong with it and what to do, as parts of a sentence.
 */
export async function readContainerEngine(
  loadBalancer: boolean,
  containerMark = "/.dockerenv",
): Promise<ContainerEngine | readonly string[]> {
  const name = await engineName();
  if (typeof name !== "string") {
    return name;
  }
  const remote = name === "docker" ? await remoteDocker() : remotePodman(process.env["CONTAINER_HOST"] ?? "");
  if (remote !== undefined) {
    return [remote];
  }
  const asked = name === "docker" ? ["info", "--format", "{{json .}}"] : ["info", "--format", "json"];
  const answer = await run(name, ...asked);
  // Before 23.0, docker info succeeds without a daemon.
  const info = answer.error === undefined ? Info.safeParse(json(answer.text)).data : undefined;
  if (info === undefined || (name === "docker" && info.ServerVersion === "")) {
    return [notAnswering(name, answer.error)];
  }
  const problems =
    name === "docker" ? dockerProblems(info, loadBalancer, containerMark) : await podmanProblems(info, loadBalancer);
  const kernel = name === "docker" ? info.KernelVersion : info.host.kernel;
  return problems.length > 0 ? problems : { name, ownKernel: kernel === release() };
}

/** Chooses as kind does (GetDefault of its pkg/internal/runtime, DetectNodeProvider of its pkg/cluster). */
export async function engineName(): Promise<EngineName | readonly string[]> {
  const name = chosen();
  if (name !== "" && name !== "docker" && name !== "podman") {
    const why = ["nerdctl", "finch", "nerdctl.lima"].includes(name)
      ? "whose containers have no addresses that this program could read, and no API for load balancers"
      : "which kind does not know";
    return [
      `${variable} is ${printableLine(name, { longest: 40 })}, ${why}. Set it to docker or podman, or leave it out for Docker.`,
    ];
  }
  const command = name === "podman" ? "podman" : "docker";
  const version = await run(command, "--version");
  if (version.error !== undefined) {
    const podman = command === "docker" && name === "" && (await run("podman", "--version")).error === undefined;
    return [
      podman
        ? `the docker command is not on the PATH, but podman is. To use it, export ${variable}=podman wherever you run pulumi for this stack.`
        : `the ${command} command is not on the PATH. Install a container engine, or name another in ${variable}.`,
    ];
  }
  if (command === "docker" && version.text.startsWith("podman")) {
    return [
      `the docker command is podman's. Export ${variable}=podman wherever you run pulumi for this stack, as kind needs it too.`,
    ];
  }
  return command;
}

/** What this program needs to know, of what `docker info` and `podman info` print. */
const Info = z.object({
  ServerVersion: z.string().default(""),
  KernelVersion: z.string().default(""),
  Name: z.string().default(""),
  CgroupDriver: z.string().default(""),
  CgroupVersion: z.string().default(""),
  MemoryLimit: z.boolean().default(false),
  PidsLimit: z.boolean().default(false),
  CPUShares: z.boolean().default(false),
  SecurityOptions: z.array(z.string()).nullish(),
  host: z
    .object({
      kernel: z.string().default(""),
      cgroupVersion: z.string().default(""),
      // Not before podman 4.0.
      cgroupControllers: z.array(z.string()).nullish(),
      security: z.object({ rootless: z.boolean().default(false) }).prefault({}),
      serviceIsRemote: z.boolean().default(false),
      remoteSocket: z.object({ path: z.string().default(""), exists: z.boolean().default(false) }).prefault({}),
      // Not before podman 4.6.
      networkBackendInfo: z.object({ dns: z.object({ path: z.string().default("") }).prefault({}) }).optional(),
    })
    .prefault({}),
});
type Info = z.infer<typeof Info>;

export function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function notAnswering(engine: EngineName, reason = ""): string {
  const said = reason === "" ? " fails" : `: ${printableLine(reason, { longest: 300 })}`;
  const remedy =
    engine === "docker"
      ? /permission denied/i.test(reason)
        ? "You may not use it: add your user to the group docker (sudo usermod --append --groups docker $USER) and log in again."
        : "Start it, and see that you may use it; docker context ls shows which one is asked."
      : "Start it (podman machine start, where podman runs in a virtual machine), and see that you may use it.";
  return `the container engine does not answer (${engine} info${said}). ${remedy}`;
}

/** The problem with a Docker of another machine, which need not answer at all. */
async function remoteDocker(): Promise<string | undefined> {
  // Of the current context, which DOCKER_HOST, DOCKER_CONTEXT or `docker context use` has chosen.
  const context = await run("docker", "context", "inspect", "--format", "{{.Endpoints.docker.Host}}");
  const host = context.error === undefined ? context.text : (process.env["DOCKER_HOST"] ?? "");
  // What is at the other end of a tunnel to this machine's own SSH server is another machine too.
  if (host.startsWith("ssh:") || isElsewhere(host)) {
    const local = process.env["DOCKER_HOST"] ? "leave DOCKER_HOST out" : "docker context use default";
    return elsewhere(host, local);
  }
  return undefined;
}

function dockerProblems(info: Info, loadBalancer: boolean, containerMark: string): string[] {
  if (info.Name !== "" && info.Name !== hostname() && existsSync(containerMark)) {
    return [
      `pulumi runs in a container, and the container engine (${printableLine(info.Name, { longest: 80 })}) outside of it: the API servers of kind ` +
        "clusters would listen on a loopback address that can't be reached from here. Start this container with --network host, or have " +
        "an engine in it (Docker in Docker).",
    ];
  }
  const rootless = (info.SecurityOptions ?? []).some((option) => option.split(",").includes("name=rootless"));
  if (!rootless) {
    return [];
  }
  // With the driver "none" the limits mean nothing (https://github.com/moby/moby/issues/42151).
  const delegated = info.CgroupDriver !== "none" && info.MemoryLimit && info.PidsLimit && info.CPUShares;
  const problems = rootlessProblems(info.CgroupVersion === "2", delegated);
  if (loadBalancer && info.KernelVersion !== release()) {
    problems.push(
      "the container engine is a rootless Docker in a virtual machine, and nobody can tell from here where its socket is in there, which " +
        "load balancers are made by. Use a rootful one (limactl: template docker-rootful; Colima, Docker Desktop and OrbStack are), or set " +
        "loadBalancer: none.",
    );
  }
  return problems;
}

function remotePodman(uri: string): string | undefined {
  return isElsewhere(uri)
    ? elsewhere(uri, "leave CONTAINER_HOST out, or choose it with podman system connection default")
    : undefined;
}

async function podmanProblems({ host }: Info, loadBalancer: boolean): Promise<string[]> {
  const remote =
    host.serviceIsRemote && !process.env["CONTAINER_HOST"] ? remotePodman(await defaultConnection()) : undefined;
  if (remote !== undefined) {
    return [remote];
  }
  const network = (engine: string) => process.env[`KIND_EXPERIMENTAL_${engine}_NETWORK`] || "kind";
  const { rootless } = host.security;
  const controllers = host.cgroupControllers;
  const delegated = !controllers || ["memory", "pids", "cpu"].every((name) => controllers.includes(name));
  const problems = rootless ? rootlessProblems(host.cgroupVersion === "v2", delegated) : [];
  if (network("PODMAN") !== network("DOCKER")) {
    problems.push(
      `kind puts nodes on podman's network ${network("PODMAN")} (KIND_EXPERIMENTAL_PODMAN_NETWORK), and this program looks for them on ` +
        `${network("DOCKER")} (KIND_EXPERIMENTAL_DOCKER_NETWORK). Set both to the same name, or leave both out.`,
    );
  }
  const named = await run("podman", "network", "inspect", "--format", "{{.DNSEnabled}}", network("PODMAN"));
  if (named.text === "false") {
    problems.push(
      `podman's network ${network("PODMAN")} has no name server, without which nodes don't find each other by name. Remove it (podman ` +
        `network rm ${network("PODMAN")}) where nothing uses it: it is created with one.`,
    );
  }
  if (host.networkBackendInfo?.dns.path === "") {
    problems.push(
      "podman has no aardvark-dns, without which nodes don't find each other by name. Install it (package aardvark-dns), and remove the " +
        "container network kind if there is one (podman network rm kind).",
    );
  }
  if (
    loadBalancer &&
    !host.serviceIsRemote &&
    !host.remoteSocket.exists &&
    !existsSync(plainPath(host.remoteSocket.path))
  ) {
    const start = rootless
      ? "systemctl --user enable --now podman.socket"
      : "sudo systemctl enable --now podman.socket";
    problems.push(
      `podman's API socket (${plainPath(host.remoteSocket.path)}), which load balancers are made by, does not exist. Run ${start}, or set ` +
        "loadBalancer: none.",
    );
  }
  return problems;
}

function plainPath(socket: string): string {
  return socket.replace(/^unix:\/\//, "");
}

/** The URI of the service that podman asks, where it is a client only; a virtual machine of this machine, if there is none. */
async function defaultConnection(): Promise<string> {
  const { text } = await run("podman", "system", "connection", "list", "--format", "json");
  const Connections = z.array(z.object({ Name: z.string(), URI: z.string(), Default: z.boolean().default(false) }));
  const list = Connections.safeParse(json(text)).data ?? [];
  const wanted = process.env["CONTAINER_CONNECTION"];
  return list.find(({ Name, Default }) => (wanted ? Name === wanted : Default))?.URI ?? "";
}

/** Whether the URL of an engine leads to another machine. Behind a loopback address is this one, or a virtual machine of it. */
function isElsewhere(url: string): boolean {
  if (!URL.canParse(url)) {
    return false;
  }
  const { protocol, hostname: host } = new URL(url);
  return ["ssh:", "tcp:", "http:", "https:"].includes(protocol) && !/^(localhost|127(\.\d+){3}|\[::1\])$/i.test(host);
}

function elsewhere(url: string, local: string): string {
  const { protocol, host } = new URL(url);
  return (
    `the container engine is on another machine (${printableLine(`${protocol}//${host}`, { longest: 200 })}): the API servers of kind clusters ` +
    `would listen on the loopback address of that machine. Run pulumi there, or choose an engine of this machine: ${local}.`
  );
}

/** What kind itself refuses (validateProvider of its pkg/cluster/internal/create). */
function rootlessProblems(cgroup2: boolean, delegated: boolean): string[] {
  const guide = "https://kind.sigs.k8s.io/docs/user/rootless/";
  if (!cgroup2) {
    return [
      `the container engine is rootless, and kind needs cgroup v2 for that. Use a rootful engine, or set the machine up: ${guide}`,
    ];
  }
  return delegated
    ? []
    : [
        "the container engine is rootless and may not limit CPU, memory and processes, which kind needs. Set Delegate=yes for your user's " +
          `services in systemd: ${guide}#host-requirements`,
      ];
}

/** What a program has printed. */
interface Answer {
  readonly text: string;
  /** The first line of what it says on failure, perhaps empty; undefined if it succeeds. */
  readonly error?: string;
}

export async function run(program: string, ...args: readonly string[]): Promise<Answer> {
  try {
    const { stdout } = await promisify(execFile)(program, args, { maxBuffer: 2 ** 24, timeout: 30_000 });
    return { text: stdout.trim() };
  } catch (error) {
    const stderr = error instanceof Error && "stderr" in error ? String(error.stderr) : "";
    return { text: "", error: stderr.split("\n").find((line) => line.trim() !== "") ?? "" };
  }
}
