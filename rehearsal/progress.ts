/** What a rehearsal reports while it runs: the engine's events of resources, in the terms of a mesh. */
import type { EngineEvent } from "@pulumi/pulumi/automation";

const release = "kubernetes:helm.sh/v3:Release";
const gateway = "kubernetes:gateway.networking.k8s.io/v1:Gateway";
const deployment = "kubernetes:apps/v1:Deployment";

/** Something that a person waits for. */
interface Milestone {
  /** Pulumi's type of the resource. */
  readonly type: string;
  /** The resource's Pulumi name; for what is in a cluster, without the cluster's scope in front. */
  readonly name: RegExp;
  /** What it is called; `$1` is the first group of its name. */
  readonly words: string;
  /** Its state once the engine has created it: its provider waits until it is so. */
  readonly made: "ready" | "installed" | "created" | "issued";
}

/** A cluster itself: its name is its scope, and nothing follows. */
const apiServer: Milestone = { type: "command:local:Command", name: /^$/, words: "API server", made: "ready" };

const inClusters: readonly Milestone[] = [
  { type: release, name: /^istio-base$/, words: "Istio's resource definitions", made: "installed" },
  { type: release, name: /^(istiod|istio-cni|ztunnel)$/, words: "$1", made: "ready" },
  { type: gateway, name: /^istio-eastwest$/, words: "east-west gateway", made: "ready" },
  { type: gateway, name: /^peer-(.+)$/, words: "link to $1", made: "created" },
  { type: release, name: /^peering-remote$/, words: "links to its peers", made: "created" },
  { type: "kubernetes:core/v1:Secret", name: /^remote-secret-(.+)$/, words: "link to $1", made: "created" },
  { type: deployment, name: /^global-service$/, words: "demo service", made: "ready" },
  { type: deployment, name: /^global-service-sidecar$/, words: "demo service with sidecars", made: "ready" },
  { type: deployment, name: /^sleep$/, words: "demo client", made: "ready" },
  { type: deployment, name: /^sleep-sidecar$/, words: "demo client with a sidecar", made: "ready" },
];

/** Certificates are the stack's own: it also signs for clusters of other stacks. */
const certificates: readonly Milestone[] = [
  { type: "tls:index/selfSignedCert:SelfSignedCert", name: /^root$/, words: "root certificate", made: "issued" },
  {
    type: "tls:index/selfSignedCert:SelfSignedCert",
    name: /^root-(.+)$/,
    words: "root certificate $1",
    made: "issued",
  },
  {
    type: "tls:index/locallySignedCert:LocallySignedCert",
    name: /^(.+?)-intermediate(?:-.+)?$/,
    words: "intermediate certificate for $1",
    made: "issued",
  },
];

/**
 * One line for an event of the engine that says that something was created, changed or deleted; undefined for any other.
 *
 * @param clusters The names of the stack's clusters by their scopes, which the Pulumi names of all that is in them begin with.
 */
export function progressOf(
  { resOutputsEvent }: EngineEvent,
  clusters: ReadonlyMap<string, string>,
): string | undefined {
  const { op = "", type = "", urn = "" } = resOutputsEvent?.metadata ?? {};
  const made = op === "create" || op === "create-replacement";
  const name = urn.slice(urn.lastIndexOf("::") + 2);

  const certificate = find(certificates, type, name);
  if (certificate !== undefined) {
    return made ? `${certificate.words} ${certificate.made}` : undefined;
  }
  const place = placeOf(name, clusters);
  if (place === undefined) {
    return undefined;
  }
  const { cluster, rest, stays } = place;
  if (find([apiServer], type, rest) !== undefined) {
    // Its update keeps the cluster that is there.
    return made ? `${cluster}: API server ready` : op === "delete" ? `${cluster}: deleted` : undefined;
  }
  const thing = find(inClusters, type, rest);
  if (thing === undefined) {
    return undefined;
  }
  // What is in a cluster that is deleted goes with it, without being deleted itself.
  const happened = made ? thing.made : op === "update" ? "updated" : op === "delete" && stays ? "deleted" : undefined;
  return happened && `${cluster}: ${thing.words} ${happened}`;
}

function find(things: readonly Milestone[], type: string, name: string): Pick<Milestone, "words" | "made"> | undefined {
  const thing = things.find((one) => one.type === type && one.name.test(name));
  return thing && { made: thing.made, words: name.replace(thing.name, thing.words) };
}

interface Place {
  readonly cluster: string;
  /** What follows the cluster's scope; empty for the cluster itself. */
  readonly rest: string;
  /** Whether the settings have the cluster. */
  readonly stays: boolean;
}

/** The cluster that a resource is in, by its Pulumi name. */
function placeOf(name: string, clusters: ReadonlyMap<string, string>): Place | undefined {
  for (const [scope, cluster] of clusters) {
    if (name === scope || name.startsWith(`${scope}-`)) {
      return { cluster, rest: name.slice(scope.length + 1), stays: true };
    }
  }
  // The scope of a cluster that the settings no longer have ends in its identity.
  const [, cluster, rest = ""] = /^(.+?)-[0-9a-f]{8}(?:-(.+))?$/.exec(name) ?? [];
  return cluster === undefined ? undefined : { cluster, rest, stays: false };
}
