import type { Environment } from "../environment";
import { added, type Fault, patched } from "./fault";

/** A global Service that nothing answers. */
const nobody = (labels: Readonly<Record<string, string>>): object => ({
  apiVersion: "v1",
  kind: "Service",
  metadata: { name: "nobody", namespace: "demo", labels },
  spec: { ports: [{ port: 80 }], selector: { app: "nobody" } },
});
const communityLabel = { "istio.io/global": "true" };
const service = ["cluster-2", "service", "global-service", "demo"] as const;

/** In the distribution of Pulumi.dev.yaml. */
export const globalServiceFaults: readonly Fault[] = [
  {
    check: "global-services",
    fault: "one that nobody answers",
    ...added("cluster-1", nobody({ "solo.io/service-scope": "global" })),
    message: /Service demo\/nobody has no ready endpoint in any cluster \(cluster-1\)/,
  },
];

/** In that of Pulumi.community.yaml. */
export const communityGlobalServiceFaults: readonly Fault[] = [
  {
    check: "global-services",
    fault: "without the label in one cluster",
    command: true,
    cluster: "cluster-2",
    ...patched(
      service,
      { metadata: { labels: { "istio.io/global": null } } },
      { metadata: { labels: communityLabel } },
    ),
    message: /Service demo\/global-service is global in cluster-1, but does not have the label istio.io\/global=true/,
  },
  {
    check: "global-services",
    fault: "not there in one cluster",
    cluster: "cluster-2",
    ...added("cluster-1", nobody(communityLabel)),
    message: /Service demo\/nobody is global in cluster-1, but does not exist here/,
  },
  {
    check: "global-services",
    fault: "one that nobody answers",
    breaks: (environment: Environment) => {
      for (const cluster of ["cluster-1", "cluster-2"]) {
        environment.apply(cluster, nobody(communityLabel));
      }
    },
    mends: (environment: Environment) => {
      for (const cluster of ["cluster-1", "cluster-2"]) {
        environment.remove(cluster, nobody(communityLabel));
      }
    },
    message: /Service demo\/nobody has no ready endpoint in any cluster \(cluster-1, cluster-2\)/,
  },
];
