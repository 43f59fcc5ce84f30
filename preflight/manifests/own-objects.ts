import { demoNamespace, demoObjects } from "../../components/demo";
import { systemNamespace } from "../../components/mesh";
import { eastWest } from "../../components/peering";
import type { KubernetesObject } from "../../kubernetes";
import { chartObjects } from "../../readiness";
import type { ClusterSettings, Settings } from "../../settings";
import { desiredObjects } from "../existing-clusters/desired-objects";
import { gatewayGroup } from "../gateway-api";
import { groupOf, isIstio } from "./kinds";

/** Whose an object is that no manifest may have, and what to do instead: two sentences without their subject. */
type Owner = string;

/**
 * Whose an object of a manifest would be: the stack makes it itself, or istiod or Kubernetes do. Two that declare one object would
 * take turns in changing it.
 */
export function ownerOf(
  { apiVersion, kind, metadata }: KubernetesObject,
  settings: Settings,
  cluster: ClusterSettings,
): Owner | undefined {
  const { name, namespace } = metadata;
  const group = groupOf(apiVersion);
  const is = (one: { readonly kind: string; readonly namespace?: string; readonly name: string }) =>
    one.kind === kind && one.name === name && one.namespace === namespace;
  if (kind === "Namespace" && group === "") {
    return namespaceOwner(name, settings);
  }
  if (kind === "CustomResourceDefinition") {
    const defined = name.replace(/^[^.]*\./, "");
    return isIstio(defined)
      ? "comes with Istio's base chart. Take it out, and set istioVersion for another release of it"
      : defined === gatewayGroup
        ? "is one of the Gateway API's, which the stack installs. Take it out, and set gatewayApi for another release of it"
        : undefined;
  }
  if (kind === "Secret" && namespace === systemNamespace && (name === "cacerts" || name === "istio-ca-secret")) {
    return "is what istiod signs with. Take it out, and set root";
  }
  if (kind === "Secret" && namespace === systemNamespace && isRemote(metadata)) {
    return "is a link to another cluster. Take it out, and set links or peerStacks";
  }
  if (kind === "Gateway" && namespace === eastWest && (name === eastWest || name.startsWith("istio-remote-peer-"))) {
    return "is a Gateway of the peering. Take it out, and set links, peerStacks or nodePort";
  }
  if (settings.demo && demoObjects(settings.demo).some(is)) {
    return "is made by the stack as part of the demo. Take it out, or set demo: false";
  }
  if (desiredObjects(settings, cluster).some(is)) {
    return "is made by the stack itself. Take it out, and change what its settings say of it, such as links or remoteAccess";
  }
  const chart = chartObjects.find(is);
  if (chart !== undefined) {
    return `is made by Helm release ${chart.release} of the stack. Take it out, and change what the stack's settings say of the mesh`;
  }
  if (isLicence(kind, metadata, settings)) {
    return "is what istiod reads its licence from, before manifests are applied. Take it out, and set license, or make it beforehand";
  }
  return /^sh\.helm\.release\.v1\./.test(name) && kind === "Secret"
    ? "is a record of Helm's, which Helm alone may write. Take it out"
    : writtenBySystem(kind, metadata);
}

const kubernetesNamespaces: ReadonlySet<string> = new Set(["default", "kube-node-lease", "kube-public", "kube-system"]);

function namespaceOwner(name: string, { distribution, demo }: Settings): Owner | undefined {
  if (name === systemNamespace || (name === eastWest && distribution === "solo")) {
    return "is made by the stack, with the labels that the mesh needs. Take it out; objects may be in it";
  }
  if (name === demoNamespace && demo !== false) {
    return "is made by the stack for the demo. Take it out, or set demo: false; objects may be in it";
  }
  return kubernetesNamespaces.has(name)
    ? "is in every cluster before anything is applied. Take it out; objects may be in it"
    : undefined;
}

/** What nobody applies, though files that kubectl has printed may hold it. */
function writtenBySystem(kind: string, { name, namespace }: KubernetesObject["metadata"]): Owner | undefined {
  if (kind === "ConfigMap" && (name === "istio-ca-root-cert" || name === "kube-root-ca.crt")) {
    return "is written into every namespace by a controller. Take it out";
  }
  if (
    (kind === "ServiceAccount" && name === "default") ||
    (kind === "Service" && namespace === "default" && name === "kubernetes")
  ) {
    return "is made by Kubernetes itself. Take it out";
  }
  return /^(Service|Workload)Entry$/.test(kind) && /^autogen(flat)?\./.test(name)
    ? "is written by istiod for a service of another cluster. Take it out"
    : undefined;
}

function isRemote({ labels }: KubernetesObject["metadata"]): boolean {
  return ((labels ?? {}) as Readonly<Record<string, string>>)["istio/multiCluster"] === "true";
}

function isLicence(kind: string, { name, namespace }: KubernetesObject["metadata"], { license }: Settings): boolean {
  if (kind !== "Secret" || license === undefined || !("secretRef" in license)) {
    return false;
  }
  return name === license.secretRef.name && namespace === (license.secretRef.namespace ?? systemNamespace);
}
