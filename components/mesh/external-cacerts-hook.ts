import * as pulumi from "@pulumi/pulumi";
import { ApiServer } from "../../kubernetes";
import { type Cluster, laterAccess } from "../clusters";
import { type ExternalCacerts, judgeExternalCacerts } from "../trust/external-cacerts";

/**
 * Sees, before istiod is put into a cluster that the stack makes and somebody else keeps the certificates of, that they are
 * there, and of one root with those of all others. Those of existing clusters are looked at before anything is made.
 */
export class ExternalCacertsHook {
  readonly #known: Map<string, ExternalCacerts>;

  /** @param known What other clusters are known to have. */
  constructor(known: readonly ExternalCacerts[]) {
    this.#known = new Map(known.map((one) => [one.cluster, one]));
  }

  /** What has to hold before istiod is made in a cluster. */
  before(cluster: Cluster): pulumi.ResourceHook {
    const access = laterAccess(cluster);
    return new pulumi.ResourceHook(`${cluster.scope}-kept-certificates`, async () => {
      const server = await ApiServer.open(await access());
      const files = await server.secret("istio-system", "cacerts");
      this.#known.set(cluster.name, { cluster: cluster.name, files });
      const { faults } = judgeExternalCacerts([...this.#known.values()]);
      if (faults.length > 0) {
        throw new Error(faults.join("\n"));
      }
    });
  }
}
