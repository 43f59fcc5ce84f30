import { demoNamespace as namespace, variant } from "./workload";

/** The objects of the demo, by the names that they have in every cluster. */
export function demoObjects({ sidecars }: { readonly sidecars: boolean }) {
  return (sidecars ? [false, true] : [false]).flatMap((sidecar) => {
    const [service, client] = ["global-service", "sleep"].map((name) => variant(name, { sidecar }));
    return [service, client].flatMap((name = "") => [
      { apiVersion: "v1", kind: "Service", namespace, name },
      { apiVersion: "apps/v1", kind: "Deployment", namespace, name },
      ...(name === client ? [{ apiVersion: "v1", kind: "ServiceAccount", namespace, name }] : []),
    ]);
  });
}
