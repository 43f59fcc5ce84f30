/** Kubernetes objects as manifests have them, with the fields that tests read. */

export interface KubernetesObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string };
}

export interface Container {
  readonly name: string;
  readonly image: string;
  readonly env?: readonly { readonly name: string; readonly value?: string }[];
}

/** A Deployment or DaemonSet. */
export interface Workload extends KubernetesObject {
  readonly spec: {
    readonly replicas?: number;
    readonly template: {
      readonly spec: {
        readonly nodeSelector?: Readonly<Record<string, string>>;
        readonly serviceAccountName: string;
        readonly priorityClassName?: string;
        readonly containers: readonly Container[];
        readonly initContainers?: readonly Container[];
        readonly volumes?: readonly { readonly name: string; readonly hostPath?: { readonly path: string } }[];
      };
    };
  };
}

interface Reference {
  readonly kind: string;
  readonly name: string;
  readonly namespace?: string;
}

interface RoleBinding extends KubernetesObject {
  readonly roleRef: Reference;
  readonly subjects: readonly Reference[];
}

interface WebhookConfiguration extends KubernetesObject {
  readonly webhooks: readonly { readonly clientConfig: { readonly service?: Omit<Reference, "kind"> } }[];
}

/** What an object of a kind has. */
export interface Kinds {
  readonly ConfigMap: KubernetesObject & { readonly data: Readonly<Record<string, string>> };
  readonly ClusterRole: KubernetesObject & {
    readonly rules: readonly {
      readonly resources?: readonly string[];
      readonly resourceNames?: readonly string[];
      readonly verbs: readonly string[];
    }[];
  };
  readonly ClusterRoleBinding: RoleBinding;
  readonly DaemonSet: Workload;
  readonly Deployment: Workload;
  readonly HorizontalPodAutoscaler: KubernetesObject & {
    readonly spec: { readonly scaleTargetRef: Reference; readonly minReplicas?: number };
  };
  readonly MutatingWebhookConfiguration: WebhookConfiguration;
  readonly NetworkAttachmentDefinition: KubernetesObject;
  readonly ResourceQuota: KubernetesObject & {
    readonly spec: {
      readonly scopeSelector?: {
        readonly matchExpressions: readonly {
          readonly scopeName: string;
          readonly operator: string;
          readonly values?: readonly string[];
        }[];
      };
    };
  };
  readonly RoleBinding: RoleBinding;
  readonly ServiceAccount: KubernetesObject & { readonly imagePullSecrets?: readonly { readonly name: string }[] };
  readonly Service: KubernetesObject & { readonly spec: { readonly ports: readonly { readonly port: number }[] } };
  readonly ValidatingWebhookConfiguration: WebhookConfiguration;
}

export function isOf<Kind extends keyof Kinds>(kind: Kind, object: KubernetesObject): object is Kinds[Kind] {
  return object.kind === kind;
}

/** `<kind> <namespace>/<name>`: a cluster has one such object. */
export function identity({ kind, metadata: { name, namespace } }: Omit<KubernetesObject, "apiVersion">): string {
  return `${kind} ${namespace === undefined ? "" : `${namespace}/`}${name}`;
}

/** Containers of a workload's pods. */
export function containersOf({ spec: { template } }: Workload): readonly Container[] {
  return [...(template.spec.initContainers ?? []), ...template.spec.containers];
}

/** The value of a variable that a container of a workload's pods has. */
export function variable(workload: Workload, name: string): string | undefined {
  return containersOf(workload)
    .flatMap(({ env = [] }) => env)
    .find((one) => one.name === name)?.value;
}

/** `<namespace>/<name>` of the service account that a workload's pods run with. */
export function accountOf({ metadata, spec }: Workload): string {
  return `${metadata.namespace ?? ""}/${spec.template.spec.serviceAccountName}`;
}

/** Identities of the objects without which this one does nothing. */
export function referencesOf(object: KubernetesObject): string[] {
  const { namespace = "" } = object.metadata;
  const to = ({ kind, ...metadata }: Reference): string => identity({ kind, metadata });
  if (isOf("Deployment", object) || isOf("DaemonSet", object)) {
    return [`ServiceAccount ${accountOf(object)}`];
  }
  if (isOf("ClusterRoleBinding", object) || isOf("RoleBinding", object)) {
    const { roleRef, subjects } = object;
    return [to(roleRef.kind === "Role" ? { ...roleRef, namespace } : roleRef), ...subjects.map(to)];
  }
  if (isOf("MutatingWebhookConfiguration", object) || isOf("ValidatingWebhookConfiguration", object)) {
    return object.webhooks.flatMap(({ clientConfig: { service } }) =>
      service === undefined ? [] : [`Service ${service.namespace ?? ""}/${service.name}`],
    );
  }
  return isOf("HorizontalPodAutoscaler", object) ? [to({ ...object.spec.scaleTargetRef, namespace })] : [];
}
