import { existsSync, readFileSync } from "node:fs";
import { engineersAccess } from "../../../kubernetes";
import { configDifference } from "../../../rehearsal/plugins/kubernetes/config-difference";
import { replaces } from "../../../rehearsal/plugins/kubernetes/replacement";
import { markSecrets } from "../../../rehearsal/plugins/kubernetes/secrecy";
import { readSettings } from "../../../rehearsal/plugins/kubernetes/settings";
import { type Difference, differ } from "../../../rehearsal/plugins/protocol/difference";
import type { Existing, ResourceType } from "../../../rehearsal/plugins/protocol/provider";
import {
  asText,
  isObject,
  mapValues,
  type Props,
  unwrap,
  type Value,
} from "../../../rehearsal/plugins/protocol/values";
import { type Access, accessOf } from "./kubeconfig";
import type { Placed } from "./recorded";
import { files, readScript } from "./world";

const releaseType = "kubernetes:helm.sh/v3:Release";

/**
 * Kubernetes objects and Helm releases that exist in the engine's state alone. What the engine sees of replacements, of
 * secrets and of clusters that are gone is as with Pulumi's own provider.
 *
 * @param world Folder of the test's world.
 */
export function kubernetes(world: string): Placed {
  /** The cluster that this is the provider of; undefined while its kubeconfig is not known. */
  let access: Access | undefined;
  let settings = readSettings(new Map());

  const reach = (): void => {
    const known = access && files.cluster(world, access.cluster);
    if (!known || !existsSync(known) || readFileSync(known, "utf8") !== access?.mark) {
      throw new Error("configured Kubernetes cluster is unreachable");
    }
  };
  const live = (inputs: Props, old?: Props): Props => {
    reach();
    const cluster = access?.cluster ?? "";
    return asLive(inputs, old, {
      cluster,
      address: readScript(world).addresses[cluster] ?? `${cluster}.gateways.test`,
    });
  };
  const deployed = (inputs: Props): Props => {
    reach();
    return { ...inputs, status: { name: inputs.name ?? "", namespace: inputs.namespace ?? "", status: "deployed" } };
  };

  const object: ResourceType = {
    check: (inputs) => ({ inputs: markSecrets(inputs, inputs) }),
    diff: (old, inputs) => withSameName(differ(old.inputs, inputs, replaces(inputs, false, settings))),
    create: (inputs, { preview }) => ({ id: subject(inputs), state: preview ? inputs : live(inputs) }),
    read: (old) => ({ ...old, state: live(old.inputs, old.state) }),
    update: (old, inputs, { preview }) => (preview ? inputs : live(inputs, old.state)),
    delete: reach,
  };
  const release: ResourceType = {
    diff: (old, inputs) => withSameName(differ(old.inputs, inputs, ([key]) => key === "name" || key === "namespace")),
    create: (inputs, { preview }) => ({ id: subject(inputs), state: preview ? inputs : deployed(inputs) }),
    read: (old: Existing) => ({ ...old, state: deployed(old.inputs) }),
    update: (_old, inputs, { preview }) => (preview ? inputs : deployed(inputs)),
    delete: reach,
  };
  return {
    place: { subject, cluster: () => access?.cluster },
    provider: {
      name: "kubernetes",
      diffConfig: configDifference,
      configure: (given) => {
        access = accessOf(given.get("kubeconfig") || ambient(given.get("context") ?? ""));
        settings = readSettings(given);
      },
      // Charts have no objects here.
      invoke: (token) => (token === "kubernetes:helm:template" ? Promise.resolve({ result: [] }) : undefined),
      resource: (type) => (type === releaseType ? release : object),
    },
  };
}

/** A context of the kubeconfig that Pulumi's own provider would read by itself. */
function ambient(context: string): string {
  try {
    return engineersAccess(context).kubeconfig;
  } catch {
    return "";
  }
}

/** One of a name at a time: the old one goes first. */
function withSameName(difference: Difference): Difference {
  return { ...difference, deleteBeforeReplace: difference.replaces.length > 0 };
}

/** What is said of a cluster. */
interface InCluster {
  readonly cluster: string;
  /** That its east-west Gateway gets. */
  readonly address: string;
}

/** An object as the API server and its controllers would have it, which has known it as `old` before. */
function asLive(given: Props, old: Props = {}, { cluster, address }: InCluster): Props {
  const known = isObject(old.metadata) ? asText(old.metadata.creationTimestamp) : "";
  const metadata = isObject(given.metadata) ? given.metadata : {};
  const inputs: Props = {
    ...given,
    metadata: { ...metadata, creationTimestamp: known || new Date().toISOString() },
  };
  switch (asText(inputs.kind)) {
    case "Gateway":
      return { ...inputs, status: { addresses: [{ value: address }] } };
    case "Secret":
      return markSecrets({ ...inputs, data: secretData(inputs, cluster) }, inputs);
    default:
      return inputs;
  }
}

function secretData(inputs: Props, cluster: string): Props {
  const token = asText(inputs.type) === "kubernetes.io/service-account-token";
  // Another one each time that it is made.
  const made = isObject(inputs.metadata) ? asText(inputs.metadata.creationTimestamp) : "";
  const texts: Value = token
    ? { token: `token-of-${cluster}-${subject(inputs)}-${made}`, "ca.crt": "certificate authority" }
    : unwrap(inputs.stringData ?? {});
  return isObject(texts) ? mapValues(texts, (text) => Buffer.from(asText(text)).toString("base64")) : {};
}

function subject(inputs: Props): string {
  const { name, namespace } = isObject(inputs.metadata) ? inputs.metadata : inputs;
  return [asText(namespace), asText(name)].filter(Boolean).join("/");
}
