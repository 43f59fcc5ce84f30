import { isIP } from "node:net";
import type { Check, FindingCollector } from "../check";
import { type Cluster, forEachClusterOf, type objects } from "../inventory";
import { describe, kubectl, putBack, putBackBy } from "../remedies";
import { eastWestGateways, gatewaysCommand, listenerProblems } from "./gateways";

/** Control planes of peers discover a cluster's services through its east-west Gateway. */
export const eastWest: Check = {
  id: "east-west-gateways",
  title: "Every cluster has an east-west Gateway that is Programmed and has an address",
  causes: { inCluster: ["gateway-api", "pods"] },
  run: (mesh) =>
    forEachClusterOf(mesh, "solo", async (cluster, findings) => {
      const gateways = await eastWestGateways(cluster);
      if (gateways.length === 0) {
        findings.failed(
          "there is no east-west Gateway (class istio-eastwest, or label istio.io/expose-istiod): no peer can discover its services",
          putBack,
        );
      }
      const hollow = await cluster.isHollow();
      gateways.forEach((gateway) => {
        checkStatus(cluster, gateway, hollow, findings);
        checkAddresses(cluster, gateway, findings);
        for (const problem of listenerProblems(gateway)) {
          findings.failed(
            `Gateway ${gateway.path} has ${problem}`,
            putBackBy(gatewaysCommand(cluster, "edit", gateway)),
          );
        }
        if (!("istio.io/expose-istiod" in gateway.metadata.labels)) {
          findings.failed(
            `Gateway ${gateway.path} does not have the label istio.io/expose-istiod: peers can't reach istiod through it`,
            putBackBy(gatewaysCommand(cluster, "label", gateway, "istio.io/expose-istiod=15012")),
          );
        }
      });
    }),
};

/** An absent condition is as bad as one that is False. */
function checkStatus(
  cluster: Cluster,
  { path, metadata, status }: objects.Gateway,
  hollow: boolean,
  findings: FindingCollector,
): void {
  const condition = status.conditions.find(({ type }) => type === "Programmed");
  if (condition?.status !== "True") {
    findings.failed(
      `Gateway ${path} is not Programmed (${condition === undefined ? "no such condition" : `${condition.reason}: ${condition.message}`})`,
      `If its class or listeners were changed by hand, run pulumi up, which puts them back. Else find out why its Service has no address: ${kubectl(cluster, "get", "service,pods", "-n", metadata.namespace)} (the cluster needs an ` +
        "implementation of load balancers (settings: loadBalancer, eastWestGateway, or nodePort on the cluster)).",
    );
  } else if (hollow) {
    findings.notObservable(
      `Gateway ${path}: its condition Programmed is simulated, since no istiod runs in a kwok cluster`,
    );
  } else {
    findings.passed(`Gateway ${path} is Programmed`);
  }
}

function checkAddresses(
  cluster: Cluster,
  { path, metadata, status }: objects.Gateway,
  findings: FindingCollector,
): void {
  const { addresses } = status;
  if (addresses.length === 0) {
    findings.failed(
      `Gateway ${path} has no address`,
      `Check what its Service waits for: ${describe(cluster, "service", { metadata })}`,
    );
  }
  for (const { type, value } of addresses) {
    const right = isIP(value) === 0 ? "Hostname" : "IPAddress";
    if (type === right) {
      findings.passed(`Gateway ${path} has the address ${value} (${type})`);
    } else {
      findings.failed(
        `Gateway ${path} has the address ${value} as ${type}, but it is of type ${right}`,
        "Find out which controller writes its status: peers take the type from there.",
      );
    }
  }
}
