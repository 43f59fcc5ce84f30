import { z } from "zod";
import { helmRecord } from "../../kubernetes";
import { type Cluster, objects } from "../inventory";

/** The current state of a Helm release. */
export interface HelmRelease {
  /** `<namespace>/<name>` */
  readonly path: string;
  readonly namespace: string;
  readonly name: string;
  readonly chart: string;
  /** The chart's version in the deployed revision; undefined where none is deployed. */
  readonly version: string | undefined;
  /** The number of the deployed revision; of the last one where none is deployed. */
  readonly deployed: number;
  /** The last revision's number and status: `deployed`, `failed`, `pending-upgrade` and others. */
  readonly revision: number;
  readonly status: string;
}

/** What a revision's Secret holds; more is in it, values with secrets among it, and is left there. */
const Revision = z.object({
  name: z.string(),
  namespace: z.string(),
  version: z.number(),
  info: z.object({ status: z.string() }),
  chart: z.object({ metadata: z.object({ name: z.string(), version: z.string() }) }),
});
type Revision = z.output<typeof Revision>;

/** What Helm has recorded in a namespace. */
export interface HelmRecords {
  readonly releases: readonly HelmRelease[];
  /** Paths of Secrets that are not readable records of Helm. */
  readonly unreadable: readonly string[];
}

/** The releases that Helm knows of in a namespace. It keeps a Secret for each of their last revisions. */
export async function helmRecords(cluster: Cluster, namespace: string): Promise<HelmRecords> {
  const secrets = await cluster.list(
    `/api/v1/namespaces/${namespace}/secrets?labelSelector=owner%3Dhelm`,
    objects.Secret,
  );
  const revisions: Revision[] = [];
  const unreadable: string[] = [];
  for (const { type, metadata, files } of secrets) {
    if (type === "helm.sh/release.v1") {
      const revision = Revision.safeParse(helmRecord(files["release"])).data;
      if (revision) {
        revisions.push(revision);
      } else {
        unreadable.push(`${namespace}/${metadata.name}`);
      }
    }
  }
  const names = [...new Set(revisions.map(({ name }) => name))];
  return {
    releases: names.flatMap((name) => releaseOf(revisions.filter((one) => one.name === name))),
    unreadable,
  };
}

function releaseOf(revisions: readonly Revision[]): HelmRelease[] {
  const ordered = revisions.toSorted((one, other) => other.version - one.version);
  const [last] = ordered;
  const deployed = ordered.find(({ info }) => info.status === "deployed");
  return last
    ? [
        {
          path: `${last.namespace}/${last.name}`,
          namespace: last.namespace,
          name: last.name,
          chart: last.chart.metadata.name,
          version: deployed?.chart.metadata.version,
          deployed: (deployed ?? last).version,
          revision: last.version,
          status: last.info.status,
        },
      ]
    : [];
}
