import type { EngineEvent } from "@pulumi/pulumi/automation";

/** What of a stack takes long enough for somebody to wait for, by Pulumi's type. */
const noteworthy: Readonly<Record<string, string>> = {
  "command:local:Command": "command",
  "kubernetes:helm.sh/v3:Release": "Helm release",
  "kubernetes:gateway.networking.k8s.io/v1:Gateway": "Gateway",
  "kubernetes:apps/v1:Deployment": "Deployment",
};

const done: Readonly<Record<string, string>> = {
  create: "created",
  update: "updated",
  delete: "deleted",
  replace: "replaced",
};

/** One line for an event of the engine that tells of progress; undefined for any other. */
export function progressOf({ resOutputsEvent }: EngineEvent): string | undefined {
  const { op, type, urn } = resOutputsEvent?.metadata ?? {};
  const what = noteworthy[type ?? ""];
  const verb = done[op ?? ""];
  return what && verb && urn ? `${verb} ${what} ${urn.slice(urn.lastIndexOf("::") + 2)}` : undefined;
}
