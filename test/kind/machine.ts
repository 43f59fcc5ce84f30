import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";

/** Runs the container engine's command and gives the lines that it printed. */
export function docker(...args: string[]): string[] {
  const text = execFileSync("docker", args, { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
  return text.split("\n").filter((line) => line !== "");
}

/** What a stack may leave on a machine: containers, networks, volumes, and contexts of its user. */
export interface Machine {
  readonly containers: readonly string[];
  readonly networks: readonly string[];
  readonly volumes: readonly string[];
  readonly kubeconfig: string;
}

export function machine(): Machine {
  const kubeconfig = join(homedir(), ".kube", "config");
  return {
    containers: docker("ps", "--all", "--format", "{{.Names}}").sort(),
    networks: docker("network", "ls", "--format", "{{.Name}}").sort(),
    volumes: docker("volume", "ls", "--quiet").sort(),
    kubeconfig: existsSync(kubeconfig) ? readFileSync(kubeconfig, "utf8") : "",
  };
}

/** Containers that are nodes of a kind cluster, in order of their names. */
export function nodesOf(cluster: string): string[] {
  return docker("ps", "--all", "--format", "{{.Names}}", "--filter", `label=io.x-k8s.kind.cluster=${cluster}`).sort();
}

/** The container network's address of a node. */
export function addressOf(node: string): string {
  return docker("inspect", "--format", "{{.NetworkSettings.Networks.kind.IPAddress}}", node)[0] ?? "";
}

/** Destinations of the routes that the program has made on a node. */
export function routesOn(node: string): string[] {
  return docker("exec", node, "ip", "route", "show", "proto", "186")
    .map((line) => line.split(" ")[0] ?? "")
    .sort();
}
