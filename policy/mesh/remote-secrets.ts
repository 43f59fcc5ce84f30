import { at, entries, isMap, kindOf, list, type Provider, type Resource, text, unknown, type Value } from "../state";
import { label } from "./objects";
import { readValues, type Wrong } from "./yaml";

/** A peer as upstream's istiod is told of it: its name in the mesh, with a kubeconfig. */
export interface RemoteCluster {
  readonly name: string;
  /** Where in the Secret, without what is in it. */
  readonly path: string;
  /** Undefined where it is not known yet. */
  readonly kubeconfig: Kubeconfig | Wrong | undefined;
}

/** What a kubeconfig says for the context that is used of it. */
export interface Kubeconfig {
  /** Undefined where there is no such context. */
  readonly context: Value | undefined;
  readonly cluster: Value | undefined;
  readonly user: Value | undefined;
}

/** Whether istiod takes peers from it. */
export function isRemoteSecret(resource: Resource): boolean {
  return kindOf(resource)?.kind === "Secret" && text(label(resource, "istio/multiCluster")) === "true";
}

export function remoteClusters(resource: Resource): RemoteCluster[] {
  return (["stringData", "data"] as const).flatMap((key) =>
    entries(resource.inputs, key).map(([name, value]) => {
      const source =
        typeof value === "string" && key === "data" ? Buffer.from(value, "base64").toString("utf8") : value;
      return { name, path: `${key}[${JSON.stringify(name)}]`, kubeconfig: kubeconfigOf(source) };
    }),
  );
}

/** @param wanted The context; the kubeconfig's own where there is none. */
export function kubeconfigOf(source: Value | undefined, wanted?: string): Kubeconfig | Wrong | undefined {
  const read = typeof source === "string" ? readValues(source) : isMap(source) ? { value: source } : undefined;
  if (read === undefined || "wrong" in read) {
    return read;
  }
  const config = read.value;
  const current = at(config, "current-context");
  if (wanted === undefined && current === unknown) {
    return { context: unknown, cluster: unknown, user: unknown };
  }
  const named = (key: string, name: Value | undefined, entry: string): Value | undefined =>
    name === undefined
      ? undefined
      : at(
          list(config, key).find((one) => at(one, "name") === name),
          entry,
        );
  const context = named("contexts", wanted ?? current, "context");
  return {
    context,
    cluster: named("clusters", at(context, "cluster"), "cluster"),
    user: named("users", at(context, "user"), "user"),
  };
}

/** URL of the API server that a provider reaches; undefined where that is not known. */
export function serverOf({ inputs }: Provider): string | undefined {
  const kubeconfig = kubeconfigOf(at(inputs, "kubeconfig"), text(inputs, "context"));
  return kubeconfig === undefined || "wrong" in kubeconfig ? undefined : serverText(at(kubeconfig.cluster, "server"));
}

/** A server, the same however it is written. */
export function serverText(server: Value | undefined): string | undefined {
  return typeof server === "string" && URL.canParse(server) ? new URL(server).origin : undefined;
}
