import * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import { explain, inform } from "../../diagnostics";
import {
  type Access,
  ApiServer,
  errorCause,
  findFailures,
  type Finding,
  isTransient,
  ofGateway,
  ofName,
  type Belongs,
} from "../../kubernetes";
import { errorHook } from "./failure-hooks";
import { failureMessage, retryMessage } from "./failure-message";
import { retrying } from "./retries";

const KubernetesObject = z.object({
  kind: z.string().default("object"),
  metadata: z.object({ name: z.string().default(""), namespace: z.string().default("") }),
});

/** The provider made the object, which did not become ready: made again, it would be there already. */
const madeAlready = /was (?:successfully )?created|failed to (?:fully )?(?:initiali[sz]e|become live)/;

export interface ObjectFailuresArgs {
  readonly clusterName: string;
  readonly access: () => Promise<Access>;
}

/**
 * The hook of all objects in a cluster (Helm releases have their own): retries what failed
 * because an API server had a temporary problem, and says
 * in a few words why something else failed, and what mends it.
 */
export function objectFailures(name: string, { clusterName, access }: ObjectFailuresArgs): pulumi.ErrorHook {
  const preview = pulumi.runtime.isDryRun();
  const passes = retrying((error, seconds) => {
    inform(retryMessage(clusterName, error, seconds, []));
  });
  return errorHook(name, async (args) => {
    const { urn, type, errors, failedOperation } = args;
    const [error = ""] = errors;
    const made = madeAlready.test(error);
    if (!made && (await passes(urn, errors))) {
      return true;
    }
    const object = KubernetesObject.safeParse(args.newInputs ?? args.oldInputs).data;
    if (preview || object === undefined) {
      return false;
    }
    const { name: objectName, namespace } = object.metadata;
    const exists = failedOperation === "create" && /already exists/.test(error);
    const lost = exists && errors.slice(1).some(isTransient);
    const awaited = failedOperation === "delete" ? undefined : awaitedFor(type, objectName);
    const where = namespace === "" ? "" : ` -n ${namespace}`;
    const message = failureMessage({
      what: `Cluster ${clusterName}: ${object.kind} ${namespace === "" ? objectName : `${namespace}/${objectName}`} failed to ${failedOperation}`,
      findings: awaited === undefined ? [] : await findingsOf(access, namespace || "default", awaited),
      cause: exists
        ? {
            reason: lost
              ? "an earlier attempt, whose answer was lost, has made it"
              : "it exists, and no pending operation of this stack, as far as the pulumi CLI could be asked for them, shows that the stack has made it",
            remedy: `${lost ? "" : "See that nobody needs it, nor what is inside it. "}Delete it, and run pulumi up again: kubectl delete ${object.kind.toLowerCase()} ${objectName}${where}`,
          }
        : errorCause(error, { namespace: namespace || objectName }),
      otherwise:
        isTransient(error) && !made
          ? `Its API server failed ${String(errors.length)} times. Once it answers again, run pulumi up again.`
          : undefined,
      secrets: [],
    });
    if (message !== undefined) {
      explain(message, new pulumi.DependencyResource(urn));
    }
    return false;
  });
}

const workloadType =
  /^kubernetes:(apps\/v1:(Deployment|StatefulSet|DaemonSet|ReplicaSet)|batch\/v1:Job|core\/v1:(Service|PersistentVolumeClaim))$/;

/** What an object waits for that may not come up; undefined for one that waits for nothing else. */
function awaitedFor(type: string, name: string): Belongs | undefined {
  if (type === "kubernetes:gateway.networking.k8s.io/v1:Gateway") {
    return ofGateway(name);
  }
  return workloadType.test(type) ? ofName(name) : undefined;
}

/** Why what an object waits for does not come up; nothing where that can't be read. */
async function findingsOf(access: () => Promise<Access>, namespace: string, belongs: Belongs): Promise<Finding[]> {
  try {
    return await findFailures(await ApiServer.open(await access()), namespace, belongs);
  } catch {
    // The error that it is about is there already; this one says nothing more.
    return [];
  }
}
