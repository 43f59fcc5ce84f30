import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import type { Distribution } from "../../settings";
import type { TargetClusterArgs } from "../clusters";
import { ensureNamespace } from "../mesh";
import { makePullSecrets, type PullSecret } from "../pull-secrets";
import { images } from "./images";

/** Namespace of everything in the demo. */
export const demoNamespace = "demo";

export interface DemoAppArgs extends TargetClusterArgs {
  /** Solo's distribution of Istio, `solo`, or upstream's, `community`: each has a label of its own for global services. */
  readonly distribution: Distribution;
  /** What the cluster's pods of the global service answer with: v1, v2 and so on. */
  readonly version: string;
  /** Whether there is a second copy of the service and its client, with sidecars. */
  readonly sidecars: boolean;
  /** Secrets that images are pulled with. Not recorded: the Secrets have them. */
  readonly pullSecrets?: readonly PullSecret[];
}

/** A service that pods of all clusters answer, and a client to call it with, in namespace `demo` of one cluster. */
export class DemoApp extends pulumi.ComponentResource {
  /** What anything in its namespace depends on. */
  readonly namespace: readonly pulumi.Resource[];

  constructor(name: string, args: DemoAppArgs, opts?: pulumi.ComponentResourceOptions) {
    const { access, pullSecrets = [], ...recorded } = args;
    const aliases = [{ type: "flatmesh:demo:Demo" }];
    super("flatmesh:demo:DemoApp", name, recorded, pulumi.mergeOptions({ aliases }, opts));
    const { namePrefix, distribution, version } = args;
    const dependsOn = [opts?.dependsOn ?? []].flat() as pulumi.Resource[];
    this.namespace = ensureNamespace(
      `${namePrefix}-${demoNamespace}`,
      { cluster: args, name: demoNamespace, labels: { "istio.io/dataplane-mode": "ambient" } },
      { parent: this, dependsOn },
    );
    const pulling = makePullSecrets(namePrefix, demoNamespace, pullSecrets, {
      parent: this,
      dependsOn: [...this.namespace],
    });
    const inNamespace = { parent: this, dependsOn: [...this.namespace, ...pulling] };
    const imagePullSecrets =
      pullSecrets.length > 0 ? pullSecrets.map(({ name: secret }) => ({ name: secret })) : undefined;
    for (const sidecar of args.sidecars ? [false, true] : [false]) {
      const service = variant("global-service", sidecar);
      new GlobalService(
        `${namePrefix}-${service}`,
        { service, distribution, version, sidecar, imagePullSecrets },
        inNamespace,
      );
      const client = variant("sleep", sidecar);
      new Client(`${namePrefix}-${client}`, { client, sidecar, imagePullSecrets }, inNamespace);
    }
    this.registerOutputs();
  }
}

const port = 5000;

/** The label that makes a Service one Service of all clusters, by distribution. */
const globalScope: Record<Distribution, Record<string, string>> = {
  solo: { "solo.io/service-scope": "global" },
  community: { "istio.io/global": "true" },
};

/** How the pods of a workload are in the mesh. */
interface DataPlaneArgs {
  /** By sidecars of their own; otherwise by the node's ztunnel, like their namespace. */
  readonly sidecar: boolean;
  /** What their images are pulled with; absent if anybody may pull them. */
  readonly imagePullSecrets?: k8s.types.input.core.v1.LocalObjectReference[];
}

interface GlobalServiceArgs extends DataPlaneArgs {
  /** Name of the Service and of its Deployment. */
  readonly service: string;
  /** See {@link DemoAppArgs.distribution}. */
  readonly distribution: Distribution;
  /** What the pods answer with. */
  readonly version: string;
}

/** A Service that the pods of every cluster answer, and this cluster's two pods of it. */
class GlobalService extends pulumi.ComponentResource {
  constructor(name: string, args: GlobalServiceArgs, opts: pulumi.ComponentResourceOptions) {
    super("flatmesh:demo:GlobalService", name, args, opts);
    const { service } = args;
    const child = { parent: this, dependsOn: opts.dependsOn };
    new k8s.core.v1.Service(
      name,
      {
        metadata: {
          name: service,
          namespace: demoNamespace,
          labels: { app: service, ...globalScope[args.distribution] },
          annotations: notAwaited,
        },
        spec: { ports: [{ name: "http", port, targetPort: port }], selector: { app: service } },
      },
      child,
    );
    new k8s.apps.v1.Deployment(
      name,
      {
        metadata: { name: service, namespace: demoNamespace, labels: { app: service, version: args.version } },
        spec: {
          replicas: 2,
          selector: { matchLabels: { app: service } },
          template: {
            metadata: { labels: { ...podLabels(service, args), version: args.version } },
            spec: {
              imagePullSecrets: args.imagePullSecrets,
              containers: [
                {
                  name: "helloworld",
                  image: images.service,
                  imagePullPolicy: "IfNotPresent",
                  // The image reports its own version; every other cluster needs another one.
                  env: [{ name: "SERVICE_VERSION", value: args.version }],
                  ports: [{ containerPort: port }],
                  resources,
                },
              ],
            },
          },
        },
      },
      child,
    );
    this.registerOutputs();
  }
}

interface ClientArgs extends DataPlaneArgs {
  /** Name of the Deployment and of its account. */
  readonly client: string;
}

/** A pod that does nothing but wait for `kubectl exec … curl`. */
class Client extends pulumi.ComponentResource {
  constructor(name: string, args: ClientArgs, opts: pulumi.ComponentResourceOptions) {
    super("flatmesh:demo:Client", name, args, opts);
    const { client } = args;
    const metadata = { name: client, namespace: demoNamespace, labels: { app: client } };
    const child = { parent: this, dependsOn: opts.dependsOn };
    const account = new k8s.core.v1.ServiceAccount(name, { metadata }, child);
    new k8s.core.v1.Service(
      name,
      {
        metadata: { ...metadata, annotations: notAwaited },
        spec: { ports: [{ name: "http", port: 80 }], selector: { app: client } },
      },
      child,
    );
    new k8s.apps.v1.Deployment(
      name,
      {
        metadata,
        spec: {
          replicas: 1,
          selector: { matchLabels: { app: client } },
          template: {
            metadata: { labels: podLabels(client, args) },
            spec: {
              serviceAccountName: account.metadata.name,
              terminationGracePeriodSeconds: 0,
              imagePullSecrets: args.imagePullSecrets,
              containers: [
                {
                  name: "sleep",
                  image: images.client,
                  imagePullPolicy: "IfNotPresent",
                  command: ["/bin/sleep", "infinity"],
                  resources,
                },
              ],
            },
          },
        },
      },
      child,
    );
    this.registerOutputs();
  }
}

/** The objects of the demo, by the names that they have in every cluster. */
export function demoObjects({ sidecars }: Pick<DemoAppArgs, "sidecars">) {
  const namespace = demoNamespace;
  return (sidecars ? [false, true] : [false]).flatMap((sidecar) => {
    const [service, client] = ["global-service", "sleep"].map((name) => variant(name, sidecar));
    return [service, client].flatMap((name = "") => [
      { apiVersion: "v1", kind: "Service", namespace, name },
      { apiVersion: "apps/v1", kind: "Deployment", namespace, name },
      ...(name === client ? [{ apiVersion: "v1", kind: "ServiceAccount", namespace, name }] : []),
    ]);
  });
}

/** A name for the variant of a workload. */
function variant(name: string, sidecar: boolean): string {
  return sidecar ? `${name}-sidecar` : name;
}

/** Labels of a workload's pods. A pod with a sidecar must not be captured by ztunnel as well. */
function podLabels(app: string, { sidecar }: DataPlaneArgs): Record<string, string> {
  return { app, ...(sidecar && { "sidecar.istio.io/inject": "true", "istio.io/dataplane-mode": "none" }) };
}

/** For Services: their pods are waited for as Deployments, and waiting again would take ten seconds more. */
const notAwaited = { "pulumi.com/skipAwait": "true" };

/**
 * What a nearly idle container requests: enough for the scheduler to count it, and so little that a node with two processors has room
 * for a second ztunnel during its restart, which would otherwise evict the demo.
 */
const resources: k8s.types.input.core.v1.ResourceRequirements = {
  requests: { cpu: "10m", memory: "64Mi" },
};
