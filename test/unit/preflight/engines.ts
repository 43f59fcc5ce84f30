/** Container engines as shell scripts: what they print is what the real ones do (Docker 28.2, podman 4.3 and 5.4). */

import { hostname } from "node:os";

/** What `docker info` says, with changes. */
export const dockerInfo = (changes: object = {}) => ({
  ServerVersion: "28.2.2",
  // Of no machine: the limits of the one that runs the tests do not count.
  KernelVersion: "6.1.0-of-an-engine",
  OperatingSystem: "Debian GNU/Linux 12 (bookworm)",
  Name: hostname(),
  CgroupDriver: "systemd",
  CgroupVersion: "2",
  MemoryLimit: true,
  PidsLimit: true,
  CPUShares: true,
  SecurityOptions: ["name=seccomp,profile=builtin", "name=cgroupns"],
  ...changes,
});

/** A command that prints a text, or a value as JSON; of the shell itself, since the PATH has nothing else. */
export const says = (value: unknown) =>
  `printf '%s\\n' '${(typeof value === "string" ? value : JSON.stringify(value)).replaceAll("'", String.raw`'\''`)}'`;

function script(version: string, info: string, answers: Readonly<Record<string, string>>): string {
  const cases = Object.entries({ "--version": says(version), "info*": info, ...answers });
  return `case "$*" in\n${cases.map(([words, action]) => `${words})\n${action}\n;;`).join("\n")}\nesac`;
}

/** A Docker whose current context leads to `host`. */
export function docker({
  info = dockerInfo(),
  host = "unix:///var/run/docker.sock",
  answers = {},
}: {
  readonly info?: object | string;
  readonly host?: string;
  readonly answers?: Readonly<Record<string, string>>;
} = {}): string {
  const action = typeof info === "string" ? info : says(info);
  return script("Docker version 28.2.2, build e6534b4", action, { "context\\ inspect*": says(host), ...answers });
}

/** What `podman info` says of its host, with changes. */
export const podmanHost = (changes: object = {}) => ({
  kernel: "6.1.0-of-an-engine",
  cgroupVersion: "v2",
  cgroupControllers: ["cpuset", "cpu", "io", "memory", "pids"],
  networkBackend: "netavark",
  networkBackendInfo: {
    backend: "netavark",
    dns: { version: "aardvark-dns 1.14.0", path: "/usr/lib/podman/aardvark-dns" },
  },
  remoteSocket: { path: "unix:///run/user/1000/podman/podman.sock", exists: true },
  security: { rootless: true },
  serviceIsRemote: false,
  ...changes,
});

export function podman({
  host = podmanHost(),
  answers = {},
}: { readonly host?: object | string; readonly answers?: Readonly<Record<string, string>> } = {}): string {
  return script("podman version 5.4.2", typeof host === "string" ? host : says({ host }), answers);
}
