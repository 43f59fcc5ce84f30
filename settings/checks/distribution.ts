import type { Draft } from "../draft";
import type { Faults } from "../faults";
import { defaultVersion, firstCommunity, firstKeyless, firstNodePort } from "../registries";
import { minorOf } from "../schema/version";

/** Version, licence, repo key and link method are there and go together, as the distribution has them. */
export function checkDistribution(draft: Draft, faults: Faults): void {
  const { distribution } = draft.whole;
  if (draft.whole.clusters?.length === 0) {
    // Nothing of it is installed anywhere.
    return;
  }
  if (distribution === "solo") {
    checkSolo(draft, faults);
  } else if (distribution === "community") {
    checkCommunity(draft, faults);
  }
}

/** The minor version that is asked for; undefined when it can't be read. */
function minor({ whole, said }: Draft, distribution: "solo" | "community"): number | undefined {
  const version = said.has("istioVersion") ? whole.istioVersion : defaultVersion[distribution];
  return version === undefined ? undefined : minorOf(version);
}

/** The paths of a key that some clusters have. */
function clustersWith({ given }: Draft, key: string): string[] {
  const clusters: unknown = given["clusters"];
  return (Array.isArray(clusters) ? (clusters as unknown[]) : []).flatMap((cluster, index) =>
    typeof cluster === "object" && cluster !== null && key in cluster ? [`clusters[${String(index)}].${key}`] : [],
  );
}

function checkSolo(draft: Draft, faults: Faults): void {
  const { whole, said } = draft;
  if (said.has("license") && said.has("licenseSecretRef")) {
    faults.add({
      path: "licenseSecretRef",
      problem: "is given beside license",
      remedy: "keep one of the two",
    });
  } else if (!said.has("license") && !said.has("licenseSecretRef")) {
    faults.add({
      path: "license",
      problem: "is missing, and the solo distribution needs a licence",
      remedy:
        "set it (`pulumi config set --secret flatmesh:license`), name a Secret with licenseSecretRef, " +
        "or write distribution: community, which needs none",
    });
  }
  const ofCommunity = [...(said.has("remoteAccess") ? ["remoteAccess"] : []), ...clustersWith(draft, "apiServer")];
  ofCommunity.forEach((path) => {
    faults.add({
      path,
      problem:
        "is for the community distribution, and this stack has solo: its control planes read no API server of others",
      remedy: "remove it, or write distribution: community",
    });
  });
  const version = minor(draft, "solo");
  if (version === undefined) {
    return;
  }
  if (version < firstKeyless && !said.has("repoKey") && !(said.has("charts") && said.has("images"))) {
    faults.add({
      path: "repoKey",
      problem: `is missing, and solo up to 1.${String(firstKeyless - 1)} has it in its registries' names`,
      remedy:
        "set the 12 characters at the end of us-docker.pkg.dev/gloo-mesh/istio-… " +
        "(`pulumi config set flatmesh:repoKey`), or give both charts and images",
    });
  }
  if (version < firstNodePort) {
    clustersWith(draft, "nodePort").forEach((path) => {
      faults.add({
        path,
        problem: `needs Istio 1.${String(firstNodePort)} or later: the distribution has no data plane by NodePorts before`,
        remedy: `remove it, or write istioVersion 1.${String(firstNodePort)}.0 or later`,
      });
    });
  }
  if (version < firstKeyless && whole.linkMethod === "chart") {
    faults.add({
      path: "linkMethod",
      value: "chart",
      problem: `needs Istio 1.${String(firstKeyless)} or later: there is no peering chart before`,
      remedy: `write gateways, or istioVersion 1.${String(firstKeyless)}.0 or later`,
    });
  }
}

function checkCommunity(draft: Draft, faults: Faults): void {
  const { whole, said } = draft;
  for (const path of ["license", "licenseSecretRef", "repoKey"].filter((key) => said.has(key))) {
    faults.add({
      path,
      problem: "is for the solo distribution, and this stack has community",
      remedy: "remove it, or write distribution: solo",
    });
  }
  if (whole.linkMethod === "chart") {
    faults.add({
      path: "linkMethod",
      value: "chart",
      problem: "is for the solo distribution: the community has no peering chart",
      remedy: "write gateways, or leave it out",
    });
  }
  clustersWith(draft, "nodePort").forEach((path) => {
    faults.add({
      path,
      problem: "is for the solo distribution: the community has no east-west Gateway",
      remedy: "remove it: the control planes read one another's API servers",
    });
  });
  const version = minor(draft, "community");
  if (version !== undefined && version < firstCommunity) {
    faults.add({
      path: "istioVersion",
      ...(whole.istioVersion !== undefined && { value: whole.istioVersion }),
      problem:
        `is too old: before 1.${String(firstCommunity)} istiod loses the services of a cluster whose remote Secret changes, ` +
        "until it is restarted",
      remedy: `write ${defaultVersion.community}, or leave it out`,
    });
  }
}
