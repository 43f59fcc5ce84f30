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
    const gateway = type === "kubernetes:gateway.networking.k8s.io/v1:Gateway" && failedOperation !== "delete";
    const where = namespace === "" ? "" : ` -n ${namespace}`;
    const message = failureMessage({
      what: `Cluster ${clusterName}: ${object.kind} ${namespace === "" ? objectName : `${namespace}/${objectName}`} failed to ${failedOperation}`,
      findings: gateway ? await gatewayFindings(access, namespace, objectName) : [],
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

/** Why what the controller made for a Gateway does not come up; nothing where that can't be read. */
async function gatewayFindings(access: () => Promise<Access>, namespace: string, name: string): Promise<Finding[]> {
  try {
    return await findFailures(await ApiServer.open(await access()), namespace, ofGateway(name));
  } catch {
    // The error that it is about is there already; this one says nothing more.
    return [];
  }
}
