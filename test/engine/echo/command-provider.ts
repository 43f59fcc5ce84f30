import { randomBytes } from "node:crypto";
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { localCommand } from "../../../rehearsal/plugins/command/provider";
import type { Provider, ResourceType } from "../../../rehearsal/plugins/protocol/provider";
import { withUnknown } from "../../../rehearsal/plugins/protocol/difference";
import { asText, isObject, type Props, unwrap } from "../../../rehearsal/plugins/protocol/values";
import { kubeconfig } from "./kubeconfig";
import type { Place } from "./recorded";
import { files, readScript, worldFolder } from "./world";

const outputs = ["stdout", "stderr"];

export const place: Place = {
  subject: (inputs) => {
    const { NAME, IDENTITY } = environment(inputs);
    return IDENTITY === undefined ? (NAME ?? "") : `${NAME ?? ""}@${IDENTITY}`;
  },
};

/** Commands that run nothing: the ones that make and delete clusters do so in the test's world. */
export const command: Provider = {
  name: "command",
  resource: (type) => {
    const real = localCommand.resource(type);
    return real && { ...real, ...life };
  },
  invoke: (token, args) =>
    token === "command:local:run" ? Promise.resolve({ ...args, stdout: said(environment(args)) }) : undefined,
};

/** What nodes.sh prints of a cluster, or, of no cluster by name, kind-clusters.sh of all. */
function said({ NAME: cluster, OWNER: owner }: Readonly<Record<string, string>>): string {
  const folder = worldFolder();
  // Images of this machine are asked for by nobody.
  if (cluster !== undefined || owner === undefined) {
    return readScript(folder).nodes[cluster ?? ""] ?? "";
  }
  const prefix = files.cluster("", "");
  const there = readdirSync(folder).filter((file) => file.startsWith(prefix));
  const marks = there.map(
    (file) => `${file.slice(prefix.length)} ${(markOf(join(folder, file)) ?? "").split("-")[0] ?? ""}`,
  );
  return [...marks, "."].join("\n");
}

const life: Omit<ResourceType, "diff"> = {
  create: (inputs, { name, preview }) => ({
    id: `${name}-${randomBytes(4).toString("hex")}`,
    state: preview ? withUnknown(inputs, outputs) : ran(inputs),
  }),
  update: (_old, inputs, { preview }) => (preview ? withUnknown(inputs, outputs) : ran(inputs)),
  delete: ({ inputs }) => {
    const { NAME: name = "", IDENTITY: identity } = environment(inputs);
    const file = files.cluster(worldFolder(), name);
    if (identity !== undefined && markOf(file)?.startsWith(`${identity}-`)) {
      rmSync(file);
    }
  },
};

/** As the create scripts do: a finished cluster of the same identity stays, any other is made anew. */
function ran(inputs: Props): Props {
  const { NAME: cluster = "", IDENTITY: identity, CREATE: create = "" } = environment(inputs);
  if (identity === undefined) {
    return { ...inputs, stdout: "", stderr: "" };
  }
  const file = files.cluster(worldFolder(), cluster);
  const there = markOf(file);
  const mark = there?.startsWith(`${identity}-`) ? there : `${identity}-${randomBytes(8).toString("hex")}`;
  writeFileSync(file, mark);
  const stdout = kubeconfig(
    { cluster, mark },
    {
      apiServers: readScript(worldFolder()).apiServers,
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
