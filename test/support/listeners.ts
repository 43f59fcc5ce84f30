import { readdir, readFile, readlink } from "node:fs/promises";
import { basename } from "node:path";

/** Something that others can connect to. */
export interface Listener {
  /** Name of the program that listens. */
  readonly program: string;
  /** The address that it listens on, such as `127.0.0.1`, `0.0.0.0` or `::`. */
  readonly address: string;
  readonly port: number;
}

/** All TCP sockets that these processes of this machine listen on; only Linux tells. */
export async function listenersOf(pids: readonly number[]): Promise<Listener[]> {
  const tables = await Promise.all(
    ["tcp", "tcp6"].map((table) => readFile(`/proc/net/${table}`, "utf8").catch(() => "")),
  );
  const sockets = new Map(tables.flatMap((table) => table.split("\n").slice(1)).flatMap(listening));
  const found = await Promise.all(
    pids.map(async (pid) => {
      const program = basename(await readlink(`/proc/${String(pid)}/exe`).catch(() => "gone"));
      return (await socketsOf(pid)).flatMap((inode) => {
        const socket = sockets.get(inode);
        return socket === undefined ? [] : [{ program, ...socket }];
      });
    }),
  );
  return found.flat();
}

export function isLoopback({ address }: Listener): boolean {
  return address.startsWith("127.") || address === "::1";
}

/** A line of /proc/net/tcp, if it is of a socket that listens: its inode, and where. */
function listening(line: string): [string, Omit<Listener, "program">][] {
  const [, local = "", , state, , , , , , inode = ""] = line.trim().split(/\s+/);
  const [address = "", port = ""] = local.split(":");
  return state === "0A" ? [[inode, { address: addressOf(address), port: parseInt(port, 16) }]] : [];
}

/** Reads an address as the kernel prints it: words of four bytes, each backwards on processors that run these tests. */
function addressOf(hexadecimal: string): string {
  const bytes = (hexadecimal.match(/.{8}/g) ?? []).flatMap((word) =>
    (word.match(/../g) ?? []).map((byte) => parseInt(byte, 16)).reverse(),
  );
  if (bytes.length === 4) {
    return bytes.join(".");
  }
  const mapped = bytes.slice(0, 12).join() === "0,0,0,0,0,0,0,0,0,0,255,255";
  if (mapped) {
    return bytes.slice(12).join(".");
  }
  const groups = Array.from({ length: 8 }, (_, index) => ((bytes[2 * index] ?? 0) << 8) | (bytes[2 * index + 1] ?? 0));
  return groups
    .map((group) => group.toString(16))
    .join(":")
    .replace(/^(0:)+/, "::")
    .replace(/^::0$/, "::");
}

async function socketsOf(pid: number): Promise<string[]> {
  const folder = `/proc/${String(pid)}/fd`;
  const descriptors = await readdir(folder).catch(() => []);
  const targets = await Promise.all(descriptors.map((name) => readlink(`${folder}/${name}`).catch(() => "")));
  return targets.flatMap((target) => /^socket:\[(\d+)\]$/.exec(target)?.[1] ?? []);
}
