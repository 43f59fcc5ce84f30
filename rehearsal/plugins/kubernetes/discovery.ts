import { isNotFound } from "./cluster";
import type { Cluster } from "./cluster";
import { field, text } from "./object";
import type { Kind, KubeObject } from "./object";
import type { JsonObject } from "../protocol/values";

/** How the API server calls a kind in paths. */
export interface Mapping {
  readonly plural: string;
  readonly namespaced: boolean;
}

/** The API server does not know the kind: mostly a custom resource before its definition. */
export class NoMatch extends Error {
  constructor(readonly kind: Kind) {
    super(`no matches for kind "${kind.kind}" in version "${kind.apiVersion}"`);
  }
}

/** Built-in kinds without a namespace, for when no API server can be asked yet. */
const CLUSTER_SCOPED = new Set([
  "APIService",
  "ClusterRole",
  "ClusterRoleBinding",
  "CustomResourceDefinition",
  "IngressClass",
  "MutatingWebhookConfiguration",
  "Namespace",
  "Node",
  "PersistentVolume",
  "PriorityClass",
  "RuntimeClass",
  "StorageClass",
  "ValidatingAdmissionPolicy",
  "ValidatingAdmissionPolicyBinding",
  "ValidatingWebhookConfiguration",
]);

/** Finds the paths of kinds, and remembers them. */
export class Discovery {
  private readonly known = new Map<string, Promise<Map<string, Mapping>>>();
  /** From definitions that this program has, which may not be in the cluster yet. */
  private readonly defined = new Map<string, boolean>();

  constructor(private readonly cluster: Cluster | undefined) {}

  /** Throws {@link NoMatch} when there is no such kind (yet). */
  async mapping({ apiVersion, kind }: Kind): Promise<Mapping> {
    const found = (await this.kinds(apiVersion)).get(kind);
    if (found === undefined) {
      this.known.delete(apiVersion);
      throw new NoMatch({ apiVersion, kind });
    }
    return found;
  }

  /** Whether objects of the kind live in namespaces; true when nobody can tell. */
  async isNamespaced(kind: Kind): Promise<boolean> {
    if (CLUSTER_SCOPED.has(kind.kind)) {
      return false;
    }
    try {
      return (await this.mapping(kind)).namespaced;
    } catch (error) {
      if (error instanceof NoMatch) {
        return this.defined.get(`${kind.apiVersion}/${kind.kind}`) ?? true;
      }
      throw error;
    }
  }

  /** Remembers what a CustomResourceDefinition will define. */
  learn(definition: KubeObject): void {
    const versions = field(definition, "spec", "versions");
    const kind = text(definition, "spec", "names", "kind");
    for (const version of Array.isArray(versions) ? versions : []) {
      const apiVersion = `${text(definition, "spec", "group")}/${text(version as JsonObject, "name")}`;
      this.defined.set(`${apiVersion}/${kind}`, text(definition, "spec", "scope") === "Namespaced");
    }
  }

  async path(object: Kind, namespace: string, name?: string): Promise<string> {
    const { plural, namespaced } = await this.mapping(object);
    const root = apiRoot(object.apiVersion);
    const scope = namespaced ? `/namespaces/${encodeURIComponent(namespace)}` : "";
    return `${root}${scope}/${plural}${name === undefined ? "" : `/${encodeURIComponent(name)}`}`;
  }

  private async kinds(apiVersion: string): Promise<Map<string, Mapping>> {
    const known = this.known.get(apiVersion);
    if (known !== undefined) {
      return known;
    }
    const asked = this.ask(apiVersion);
    this.known.set(apiVersion, asked);
    // A failed question must not be the answer for ever.
    asked.catch(() => this.known.delete(apiVersion));
    return asked;
  }

  private async ask(apiVersion: string): Promise<Map<string, Mapping>> {
    if (this.cluster === undefined) {
      return new Map();
    }
    try {
      const { resources } = await this.cluster.get(apiRoot(apiVersion));
      const list = (Array.isArray(resources) ? resources : []) as JsonObject[];
      return new Map(
        list
          .filter((resource) => !text(resource, "name").includes("/"))
          .map((resource) => [
            text(resource, "kind"),
            { plural: text(resource, "name"), namespaced: resource.namespaced === true },
          ]),
      );
    } catch (error) {
      if (isNotFound(error)) {
        return new Map();
      }
      throw error;
    }
  }
}

function apiRoot(apiVersion: string): string {
  return apiVersion.includes("/") ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
}
