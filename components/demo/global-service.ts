import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import type { Settings } from "../../settings";
import { images } from "./images";
import { type DataPlane, demoNamespace, notAwaited, podLabels, resources, variant } from "./workload";

const port = 5000;

/** The label that makes a Service one Service of all clusters, by distribution. */
const globalScope: Record<Settings["distribution"], Record<string, string>> = {
  solo: { "solo.io/service-scope": "global" },
  community: { "istio.io/global": "true" },
};

export interface GlobalServiceArgs extends DataPlane {
  readonly distribution: Settings["distribution"];
  /** What the pods answer with. */
  readonly version: string;
}

/** A Service that the pods of every cluster answer, and this cluster's two pods of it. */
export class GlobalService extends pulumi.ComponentResource {
  constructor(scope: string, args: GlobalServiceArgs, opts: pulumi.ComponentResourceOptions) {
    const name = variant("global-service", args);
    super("flatmesh:demo:GlobalService", `${scope}-${name}`, {}, opts);
    const labels = podLabels(name, args);
    const child = { parent: this, ...(opts.dependsOn && { dependsOn: opts.dependsOn }) };
    new k8s.core.v1.Service(
      `${scope}-${name}`,
      {
        metadata: {
          name,
          namespace: demoNamespace,
          labels: { app: name, ...globalScope[args.distribution] },
          annotations: notAwaited,
        },
        spec: { ports: [{ name: "http", port, targetPort: port }], selector: { app: name } },
      },
      child,
    );
    new k8s.apps.v1.Deployment(
      `${scope}-${name}`,
      {
        metadata: { name, namespace: demoNamespace, labels: { app: name, version: args.version } },
        spec: {
          replicas: 2,
          selector: { matchLabels: { app: name } },
          template: {
            metadata: { labels: { ...labels, version: args.version } },
            spec: {
              containers: [
                {
                  name: "helloworld",
                  image: images.service,
                  imagePullPolicy: "IfNotPresent",
                  // The image says its own version; any further cluster needs another one.
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
