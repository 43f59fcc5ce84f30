import { isAbsolute, join, resolve } from "node:path";
import { InvalidArgumentError } from "@commander-js/extra-typings";
import type { Link } from "../checks";
import { stackName } from "../rehearsal/stack-name";

/** The folder of the clone that runs. */
const projectFolder = join(__dirname, "..");

/** A stack of this project, as in `Pulumi.<stack>.yaml`. */
export function ownStack(value: string): string {
  if (!stackName.test(value)) {
    throw new InvalidArgumentError("Write the name from Pulumi.<name>.yaml.");
  }
  return value;
}

/** A stack as Pulumi's CLI takes it: `<stack>`, `<project>/<stack>` or `<organization>/<project>/<stack>`. */
export function anyStack(value: string): string {
  const parts = value.split("/");
  if (parts.length > 3 || !parts.every((part) => stackName.test(part))) {
    throw new InvalidArgumentError("Write a stack's name, such as dev or acme/flatmesh/dev.");
  }
  return value;
}

/** A value that can't be an option whose own value was forgotten. */
export function text(value: string): string {
  if (value === "" || value.startsWith("-")) {
    throw new InvalidArgumentError("Its value is missing.");
  }
  return value;
}

/** Names with commas in between, each once. */
export function names(value: string): string[] {
  const list = text(value)
    .split(",")
    .map((name) => name.trim())
    .filter((name) => name !== "");
  if (list.length === 0 || new Set(list).size < list.length) {
    throw new InvalidArgumentError("Name at least one, and each once, with commas in between.");
  }
  return list;
}

/** Links of a mesh, such as `east>west,west>east`. */
export function links(value: string): Link[] {
  return value.split(",").map((link) => {
    const [, from, to] = /^\s*([\w.-]+)\s*>\s*([\w.-]+)\s*$/.exec(link) ?? [];
    if (from === undefined || to === undefined) {
      throw new InvalidArgumentError('Write the clusters\' names in the mesh, such as "east>west,west>east".');
    }
    return { from, to };
  });
}

/** A file, relative to the folder that the command was called from. */
export function file(value: string): string {
  const path = text(value);
  return isAbsolute(path) ? path : resolve(callersFolder(), path);
}

/** The folder that the command was called from: npm runs a project's scripts in the project's own. */
export function callersFolder(): string {
  const { INIT_CWD: called } = process.env;
  return called !== undefined && process.cwd() === projectFolder ? called : process.cwd();
}
