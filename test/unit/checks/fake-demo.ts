import type { FakeReader } from "./fake-reader";
import { meshCluster, type NodeShape, pod } from "./fake-objects";

interface DemoShape extends NodeShape {
  readonly distribution?: "solo" | "community";
  /** Addresses of the pods of the global service. */
  readonly ips: readonly string[];
  /** Address of the client. */
  readonly clientIp?: string;
  /** Further fields of the Service. */
  readonly service?: { readonly metadata?: object; readonly spec?: object };
}

/** A cluster with the demo: the client `sleep-<name>`, and pods `global-service-<name>-<n>`. */
export function demoCluster(name: string, { ips, clientIp, service = {}, ...shape }: DemoShape): FakeReader {
  const look = meshCluster(name, shape);
  const host = `${name}-control-plane`;
  const label = shape.distribution === "solo" ? { "solo.io/service-scope": "global" } : { "istio.io/global": "true" };
  const own = {
    metadata: {
      name: "global-service",
      namespace: "demo",
      labels: { app: "global-service", ...label },
      ...service.metadata,
    },
    spec: { selector: { app: "global-service" }, ports: [{ name: "http", port: 5000 }], ...service.spec },
  };
  look.objects.set("/api/v1/namespaces/demo/services/global-service", own);
  look.add("/api/v1/services", own);
  const client = { labels: { app: "sleep" }, node: host, containers: ["sleep"], ...(clientIp && { ip: clientIp }) };
  look.add("/api/v1/pods", pod(`demo/sleep-${name}`, client));
  ips.forEach((ip, index) => {
    const path = `demo/global-service-${name}-${String(index + 1)}`;
    look.add("/api/v1/pods", pod(path, { labels: { app: "global-service" }, ip, node: host }));
  });
  return look;
}
