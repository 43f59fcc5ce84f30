import { dnsName } from "../../settings";
import type { Concern, Rule } from "../concern";
import { shownAmount } from "../workloads";

/** Classes of the settings that the cluster does not have: the API server refuses pods that name one, and Helm waits for them in vain. */
export const priorityClasses: Rule = ({ probed }) =>
  probed.flatMap(({ kind, outcome, workload }): Concern[] => {
    const { name = "", priorityClassName, settings, secret = false } = workload ?? {};
    const setting = settings?.priorityClassName;
    const isMissing = kind === "Pod" && outcome.is === "denied" && outcome.by === "priority-class";
    // The charts' own class is one that every API server makes by itself.
    if (!isMissing || priorityClassName === undefined || setting === undefined) {
      return [];
    }
    // Names with this prefix are Kubernetes' own: nobody else can make them.
    const canBeMade =
      !secret && !priorityClassName.startsWith("system-") && dnsName.safeParse(priorityClassName).success;
    const create = `Create it (kubectl create priorityclass ${priorityClassName} --value=1000000), or name another one in ${setting}`;
    return [
      {
        topic: "admission",
        severity: "refuse",
        message:
          `PriorityClass ${shownAmount({ secret }, priorityClassName)}, which ${setting} names, does not exist: the API server would ` +
          `refuse the pods of ${name}`,
        remedy: `${canBeMade ? create : `Name another one in ${setting}`}; this lists them: kubectl get priorityclasses`,
      },
    ];
  });
