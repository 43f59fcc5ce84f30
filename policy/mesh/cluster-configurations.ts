import { parseAllDocuments } from "yaml";
import { decode, isMap, type Resource, text, texts, type Value } from "../state";

/** What kind, kubeadm, kwok or k3d make a cluster of, in a resource's inputs: as maps, as texts, and inside scripts. */
export function clusterConfigurations({ inputs }: Resource): Value[] {
  return [...texts(inputs).flatMap(({ text: each }) => inText(each)), ...maps(inputs).filter(isConfiguration)];
}

function isConfiguration(value: Value): boolean {
  return /^(kind\.x-k8s\.io|kubeadm\.k8s\.io|config\.kwok\.x-k8s\.io|k3d\.io)\//.test(text(value, "apiVersion") ?? "");
}

function inText(source: string): Value[] {
  if (!/kind\.x-k8s\.io|kubeadm\.k8s\.io|config\.kwok\.x-k8s\.io|k3d\.io/.test(source)) {
    return [];
  }
  // A script with a configuration inside: from the line that begins it.
  const start = source.search(/^.*\b(apiVersion|kind)"?\s*:/m);
  try {
    return parseAllDocuments(source.slice(Math.max(start, 0)), { logLevel: "silent" })
      .map((document) => decode(document.toJS()).value)
      .filter(isConfiguration);
  } catch {
    // The tool that creates the cluster reports what is wrong with it.
    return [];
  }
}

function maps(value: Value): Value[] {
  return Array.isArray(value)
    ? (value as readonly Value[]).flatMap(maps)
    : isMap(value)
      ? [value, ...Object.values(value).flatMap(maps)]
      : [];
}
