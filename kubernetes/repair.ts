import { setTimeout as sleep } from "node:timers/promises";
import { gzipSync } from "node:zlib";
import { z } from "zod";
import { type ApiServer, type Written, Unreachable } from "./api-server";
import { asServed } from "./as-served";
import { excerpt } from "./error-messages";
import { usableRecords } from "./helm-record";
import { objectPaths } from "./object-paths";
import type { KubernetesObject, ObjectReference, RepairAction } from "./repair-actions";
import { isTransient } from "./transient";

/** An object that can't be put back. The message says which, why, and what to do. */
export class RepairError extends Error {}

/** How long an object that is being deleted, or the API of a definition that was just made, is waited for, in milliseconds. */
const patience = 60_000;
const pause = 500;

/** Attempts where an API server has a temporary problem: each action may be done twice. */
const attempts = 3;

/** The field manager of patches. */
const patchManager = "flatmesh";

const Found = z.object({
  metadata: z.object({
    resourceVersion: z.string().default(""),
    deletionTimestamp: z.string().nullish(),
    finalizers: z.array(z.string()).nullish(),
  }),
});
const Records = z.object({
  items: z.array(z.object({ metadata: z.object({ labels: z.record(z.string(), z.string()).default({}) }) })).nullish(),
});

/**
 * Carries out actions one after the other.
 *
 * @throws RepairError, Unreachable, Forbidden
 */
export async function carryOut(server: ApiServer, actions: readonly RepairAction[]): Promise<void> {
  for (const action of actions) {
    switch (action.kind) {
      case "apply":
        await apply(server, asServed(action.object), action.fieldManager);
        break;
      case "patch":
        await patch(server, action.object, action.patch);
        break;
      case "record":
        await writeRecord(server, action.release);
        break;
    }
  }
}

async function apply(server: ApiServer, object: KubernetesObject, fieldManager: string): Promise<void> {
  const { apiVersion, kind, metadata } = object;
  const reference = {
    apiVersion,
    kind,
    name: metadata.name,
    ...(metadata.namespace && { namespace: metadata.namespace }),
  };
  const path = await pathOf(server, reference);
  await settled(server, path, reference);
  const query = `fieldManager=${encodeURIComponent(fieldManager)}&force=true`;
  const write = () => insist(() => server.write("PATCH", `${path}?${query}`, object, "application/apply-patch+yaml"));
  let written = await write();
  if (written.status === 422 && remakeable.has(kind) && isImmutable(written)) {
    // Somebody has made it anew with what can't be changed any more: there is no other way back.
    await insist(() => server.write("DELETE", `${path}?propagationPolicy=Background`));
    await settled(server, path, reference);
    written = await write();
  }
  refuse(written, reference);
}

/** Kinds that may be deleted and made again: nothing that belongs to others goes with them. */
const remakeable = new Set([
  "ClusterRoleBinding",
  "ConfigMap",
  "DaemonSet",
  "Deployment",
  "RoleBinding",
  "Secret",
  "Service",
  "ServiceAccount",
]);

function isImmutable({ message }: Written): boolean {
  return /immutable|cannot change|may not change once set/i.test(message);
}

async function patch(server: ApiServer, reference: ObjectReference, change: object): Promise<void> {
  const path = `${await pathOf(server, reference)}?fieldManager=${patchManager}`;
  const written = await insist(() => server.write("PATCH", path, change, "application/merge-patch+json"));
  // One that is gone is made by the update that follows, as the manifest has it.
  if (written.status !== 404) {
    refuse(written, reference);
  }
}

/**
 * Waits for an object that is being deleted to be gone: what is written to it would go with it.
 *
 * @throws RepairError, Unreachable, Forbidden
 */
export async function settled(server: ApiServer, path: string, reference: ObjectReference): Promise<void> {
  const end = Date.now() + patience;
  for (;;) {
    const found = Found.safeParse(await server.metadata(path)).data?.metadata;
    if (!found?.deletionTimestamp) {
      return;
    }
    if (Date.now() > end) {
      const finalizers = found.finalizers?.join(", ") ?? "";
      throw new RepairError(
        `${textOf(reference)} is being deleted, and is still there after ${String(patience / 1000)} seconds` +
          `${finalizers && ` (finalizers: ${finalizers})`}. See what keeps it: kubectl get ${reference.kind.toLowerCase()} ` +
          `${reference.name}${reference.namespace ? ` -n ${reference.namespace}` : ""} -o yaml. Then run pulumi up again.`,
      );
    }
    await sleep(pause);
  }
}

/** Where an object is; its definition may just have been made. */
async function pathOf(server: ApiServer, reference: ObjectReference): Promise<string> {
  const end = Date.now() + patience;
  for (;;) {
    const path = (await objectPaths(server, [reference.apiVersion]))(reference);
    if (path !== undefined) {
      return path;
    }
    if (Date.now() > end) {
      throw new RepairError(
        `${textOf(reference)} can't be put back: the API server does not know ${reference.apiVersion} ${reference.kind}. Put its custom resource ` +
          "definition back, and run pulumi up again.",
      );
    }
    await sleep(pause);
  }
}

/** The same write again while the API server has a temporary problem. */
async function insist(write: () => Promise<Written>): Promise<Written> {
  for (let attempt = 1; ; attempt++) {
    try {
      const written = await write();
      const temporary =
        [429, 502, 503, 504].includes(written.status) || (written.status >= 500 && isTransient(written.message));
      if (!temporary || attempt === attempts) {
        return written;
      }
    } catch (error) {
      if (!(error instanceof Unreachable && isTransient(error.message)) || attempt === attempts) {
        throw error;
      }
    }
    await sleep(pause * attempt);
  }
}

/** @throws RepairError unless it was written. */
function refuse({ status, message }: Written, reference: ObjectReference): void {
  if (status >= 400) {
    const right = status === 403 ? " Whoever runs the update needs the rights of rbac/update.yaml." : "";
    throw new RepairError(
      `${textOf(reference)} can't be put back: the API server answers ${String(status)}: ${excerpt(message)}${right}`,
    );
  }
}

function textOf({ kind, name, namespace }: ObjectReference): string {
  return `${kind} ${namespace ? `${namespace}/` : ""}${name}`;
}

/**
 * Writes an empty record of a release, unless it has one that an upgrade can begin with. It says "failed": were it "deployed", a
 * failed upgrade would be rolled back to it, which deletes everything.
 */
async function writeRecord(
  server: ApiServer,
  { name, namespace }: { readonly name: string; readonly namespace: string },
): Promise<void> {
  const path = `/api/v1/namespaces/${namespace}/secrets`;
  const labels = `labelSelector=${encodeURIComponent(`owner=helm,name=${name}`)}`;
  const items = Records.parse((await server.list(`${path}?${labels}`)) ?? {}).items ?? [];
  if (items.some(({ metadata }) => usableRecords.has(metadata.labels["status"] ?? ""))) {
    return;
  }
  const version = 1 + Math.max(0, ...items.map(({ metadata }) => Number(metadata.labels["version"] ?? 0)));
  const now = new Date().toISOString();
  const record = {
    name,
    namespace,
    version,
    info: {
      first_deployed: now,
      last_deployed: now,
      deleted: "",
      status: "failed",
      description: "Written by flatmesh, since the release had no record: an upgrade begins with it",
    },
    chart: { metadata: { apiVersion: "v2", name, version: "0.0.0" }, templates: [], values: {} },
    config: {},
    manifest: "",
    hooks: [],
  };
  const secretName = `sh.helm.release.v1.${name}.v${String(version)}`;
  const written = await insist(() =>
    server.write("POST", path, {
      apiVersion: "v1",
      kind: "Secret",
      metadata: {
        name: secretName,
        labels: { owner: "helm", name, status: "failed", version: String(version) },
      },
      type: "helm.sh/release.v1",
      // Helm encodes it before the API server does.
      stringData: { release: gzipSync(JSON.stringify(record)).toString("base64") },
    }),
  );
  refuse(written, { apiVersion: "v1", kind: "Secret", name: secretName, namespace });
}
