import { randomBytes } from "node:crypto";
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { localCommand } from "../../../rehearsal/plugins/command/provider";
import type { ResourceType } from "../../../rehearsal/plugins/protocol/provider";
import { withUnknown } from "../../../rehearsal/plugins/protocol/difference";
import { asText, isObject, type Props, unwrap } from "../../../rehearsal/plugins/protocol/values";
import { kubeconfig } from "./kubeconfig";
import type { Placed } from "./recorded";
import { files, readScript } from "./world";

const outputs = ["stdout", "stderr"];

/**
 * Commands that run nothing: the ones that make and delete clusters do so in the test's world.
 *
 * @param world Its folder.
 */
export function command(world: string): Placed {
  return {
    place: {
      subject: (inputs) => {
        const { NAME, IDENTITY } = environment(inputs);
        return IDENTITY === undefined ? (NAME ?? "") : `${NAME ?? ""}@${IDENTITY}`;
      },
    },
    provider: {
      name: "command",
      resource: (type) => {
        const real = localCommand.resource(type);
        return real && { ...real, ...life(world) };
      },
      invoke: (token, args) =>
        token === "command:local:run"
          ? Promise.resolve({ ...args, stdout: said(world, environment(args)) })
          : undefined,
    },
  };
}

/** What nodes.sh prints of a cluster, or, of no cluster by name, kind-clusters.sh of all. */
function said(world: string, { NAME: cluster, OWNER: owner }: Readonly<Record<string, string>>): string {
  if (readScript(world).elsewhere) {
    return "";
  }
  // Images of this machine are asked for by nobody.
  if (cluster !== undefined || owner === undefined) {
    return readScript(world).nodes[cluster ?? ""] ?? "";
  }
  const prefix = files.cluster("", "");
  const there = readdirSync(world).filter((file) => file.startsWith(prefix));
  const marks = there.map(
    (file) => `${file.slice(prefix.length)} ${(markOf(join(world, file)) ?? "").split("-")[0] ?? ""}`,
  );
  return [...marks, "."].join("\n");
}

const life = (world: string): Omit<ResourceType, "diff"> => ({
  create: (inputs, { name, preview }) => ({
    id: `${name}-${randomBytes(4).toString("hex")}`,
    state: preview ? withUnknown(inputs, outputs) : ran(world, inputs),
  }),
  update: (_old, inputs, { preview }) => (preview ? withUnknown(inputs, outputs) : ran(world, inputs)),
  delete: ({ inputs }) => {
    const { NAME: name = "", IDENTITY: identity } = environment(inputs);
    const file = files.cluster(world, name);
    if (identity !== undefined && markOf(file)?.startsWith(`${identity}-`)) {
      rmSync(file);
    }
  },
});

/** As the create scripts do: a finished cluster of the same identity stays, any other is made anew. */
function ran(world: string, inputs: Props): Props {
  const { NAME: cluster = "", IDENTITY: identity, CREATE: create = "" } = environment(inputs);
  if (identity === undefined) {
    return { ...inputs, stdout: "", stderr: "" };
  }
  const file = files.cluster(world, cluster);
  const there = markOf(file);
  const mark = there?.startsWith(`${identity}-`) ? there : `${identity}-${randomBytes(8).toString("hex")}`;
  writeFileSync(file, mark);
  const stdout = kubeconfig(
    { cluster, mark },
    {
      apiServers: readScript(world).apiServers,
      context: `${create.includes("kwokctl") ? "kwok" : "kind"}-${cluster}`,
      // Another one each time, as with a renewed certificate.
      key: `client-key-${randomBytes(8).toString("hex")}`,
    },
  );
  return { ...inputs, stdout, stderr: "" };
}

function markOf(file: string): string | undefined {
  return existsSync(file) ? readFileSync(file, "utf8") : undefined;
}

function environment(inputs: Props): Readonly<Record<string, string>> {
  const given = unwrap(inputs.environment ?? {});
  return isObject(given) ? Object.fromEntries(Object.entries(given).map(([name, text]) => [name, asText(text)])) : {};
}
