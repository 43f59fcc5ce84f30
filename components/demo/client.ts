import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { images } from "./images";
import { type DataPlane, demoNamespace, notAwaited, podLabels, resources, variant } from "./workload";

/** A pod that does nothing but wait for `kubectl exec … curl`. */
export class Client extends pulumi.ComponentResource {
  constructor(scope: string, args: DataPlane, opts: pulumi.ComponentResourceOptions) {
    const name = variant("sleep", args);
    super("flatmesh:demo:Client", `${scope}-${name}`, {}, opts);
    const metadata = { name, namespace: demoNamespace, labels: { app: name } };
    const child = { parent: this, ...(opts.dependsOn && { dependsOn: opts.dependsOn }) };
    const account = new k8s.core.v1.ServiceAccount(`${scope}-${name}`, { metadata }, child);
    new k8s.core.v1.Service(
      `${scope}-${name}`,
      {
        metadata: { ...metadata, annotations: notAwaited },
        spec: { ports: [{ name: "http", port: 80 }], selector: { app: name } },
      },
      child,
    );
    new k8s.apps.v1.Deployment(
      `${scope}-${name}`,
      {
        metadata,
        spec: {
          replicas: 1,
          selector: { matchLabels: { app: name } },
          template: {
            metadata: { labels: podLabels(name, args) },
            spec: {
              serviceAccountName: account.metadata.name,
              terminationGracePeriodSeconds: 0,
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
