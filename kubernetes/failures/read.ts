import { z } from "zod";
import { type ApiServer, Forbidden, Unreachable } from "../api-server";
import { judge, type Finding, logsWanted, type LogWanted } from "./judge";
import { type Belongs, Event, type Kind, kinds, type Observed, Pod, Workload } from "./objects";

/** Where objects of a kind stand, below the namespace. */
const groups: Readonly<Record<Kind, string>> = {
  Deployment: "apis/apps/v1",
  StatefulSet: "apis/apps/v1",
  DaemonSet: "apis/apps/v1",
  ReplicaSet: "apis/apps/v1",
  Job: "apis/batch/v1",
  PersistentVolumeClaim: "api/v1",
  Service: "api/v1",
};

/** Logs that are read at a time: each is a request that the API server hands on to a kubelet. */
const mostLogs = 4;

/** Lines and bytes of a log. */
const [logLines, logBytes] = [15, 8192];

/**
 * Looks into a namespace why what belongs together there does not come up. What its user may not see is left out.
 *
 * @throws Unreachable
 */
export async function findFailures(server: ApiServer, namespace: string, belongs: Belongs): Promise<Finding[]> {
  const [pods, events, ...lists] = await Promise.all([
    read(server, `/api/v1/namespaces/${namespace}/pods`, Pod),
    read(server, `/api/v1/namespaces/${namespace}/events`, Event),
    ...kinds.map((kind) => read(server, `/${groups[kind]}/namespaces/${namespace}/${kind.toLowerCase()}s`, Workload)),
  ]);
  const workloads: Observed["workloads"] = Object.fromEntries(kinds.map((kind, index) => [kind, lists[index] ?? []]));
  const observed = { namespace, workloads, pods, events, logs: new Map<string, string>() };
  for (const wanted of logsWanted(observed, belongs).slice(0, mostLogs)) {
    const text = await log(server, namespace, wanted);
    observed.logs.set(`${wanted.pod}/${wanted.container}`, text);
  }
  return judge(observed, belongs);
}

/** The objects of a list that have the form; those of a kind that the user may not see, or the cluster does not know, are none. */
async function read<Item>(server: ApiServer, path: string, form: z.ZodType<Item>): Promise<Item[]> {
  try {
    const items = (await server.items(path)) ?? [];
    return items.flatMap((item) => form.safeParse(item).data ?? []);
  } catch (error) {
    if (error instanceof Forbidden) {
      return [];
    }
    throw error;
  }
}

/** The last lines of a container; empty where there are none to be had. */
async function log(server: ApiServer, namespace: string, { pod, container, previous }: LogWanted): Promise<string> {
  const limits = `container=${encodeURIComponent(container)}&tailLines=${String(logLines)}&limitBytes=${String(logBytes)}`;
  const path = `/api/v1/namespaces/${namespace}/pods/${encodeURIComponent(pod)}/log?${limits}`;
  for (const which of previous ? [`${path}&previous=true`, path] : [path]) {
    try {
      const text = (await server.text(which))?.trim() ?? "";
      if (text !== "") {
        return text;
      }
    } catch (error) {
      // The kubelet is not there, or has no log of it any more: findings say enough without.
      if (!(error instanceof Unreachable || error instanceof Forbidden)) {
        throw error;
      }
    }
  }
  return "";
}
