import { setTimeout as sleep } from "node:timers/promises";
import * as pulumi from "@pulumi/pulumi";
import { certificatesIn, certificatesOfCacerts, keyOf } from "../../certificates";
import { isIstiod, issuerOf, istiodPort } from "../../istio";
import { type Access, ApiServer, Forbidden, runningPods, Unreachable } from "../../kubernetes";
import { hookAccess, type TargetClusterArgs } from "../clusters";
import { reissueIn } from "./reissue";

/** How long istiod may take, in milliseconds: the kubelet brings a changed Secret into a running pod within two minutes. */
const usualPatience = 300_000;

/** Time between two looks, and between two requests to the kubelets, in milliseconds. */
const [pause, askAgain] = [1000, 15_000];

/** Annotation of istiod's pods that says when their kubelets were asked for the Secret. */
const askedAnnotation = "flatmesh/cacerts-asked-for";

/**
 * Before ztunnel is restarted to have certificates reissued: waits until istiod signs with what its Secret has, or the new
 * certificates would still come from the old intermediate.
 *
 * @param patience How long istiod may take, in milliseconds.
 */
export function waitForIstiodReload(
  name: string,
  { clusterName, access: credentials }: Pick<TargetClusterArgs, "clusterName" | "access">,
  patience = usualPatience,
): pulumi.ResourceHook {
  const later = hookAccess(clusterName, credentials);
  return new pulumi.ResourceHook(name, async ({ newInputs, oldInputs }) => {
    const [before, after] = [reissueIn(oldInputs), reissueIn(newInputs)];
    if (after === undefined || after === before) {
      return;
    }
    const access = await later();
    const end = Date.now() + patience;
    let asked = 0;
    for (let reason = await pendingReload(access); reason !== undefined; reason = await pendingReload(access)) {
      if (Date.now() > asked + askAgain) {
        asked = Date.now();
        await askKubelets(access);
      }
      if (Date.now() > end) {
        throw new Error(
          `Cluster ${clusterName}: ztunnel is not restarted, since ${reason}. Look into the log of istiod ` +
            "(kubectl logs -n istio-system deployment/istiod), and run pulumi up again.",
        );
      }
      await sleep(pause);
    }
  });
}

/** A kubelet brings a changed Secret into a pod at once, not within minutes, when the pod itself is changed in some way. */
async function askKubelets(access: Access): Promise<void> {
  try {
    const server = await ApiServer.open(access);
    const istiods = (await runningPods(server)).filter(isIstiod);
    for (const { metadata } of istiods) {
      const path = `/api/v1/namespaces/${metadata.namespace}/pods/${metadata.name}`;
      await server.annotate(path, { [askedAnnotation]: new Date().toISOString() });
    }
  } catch (error) {
    // The Secret arrives without this as well, only later.
    if (!(error instanceof Unreachable || error instanceof Forbidden)) {
      throw error;
    }
  }
}

/** Why istiod does not sign yet with what its Secret has; undefined where it does, and where none runs. */
async function pendingReload(access: Access): Promise<string | undefined> {
  try {
    const server = await ApiServer.open(access);
    const istiods = (await runningPods(server)).filter(isIstiod);
    if (istiods.length === 0) {
      return undefined;
    }
    const files = (await server.secret("istio-system", "cacerts")) ?? {};
    const { chain, roots } = certificatesOfCacerts(files);
    const [intermediate] = chain;
    const trusted = roots.map(keyOf);
    const published = certificatesIn(await server.publishedRoots()).map(keyOf);
    if (trusted.some((key) => !published.includes(key)) || published.some((key) => !trusted.includes(key))) {
      return "istiod does not publish the roots in its Secret cacerts";
    }
    for (const { metadata } of istiods) {
      const above = await issuerOf(access, { namespace: metadata.namespace, pod: metadata.name, port: istiodPort });
      if (above.fingerprint256 !== intermediate?.fingerprint256) {
        return `pod ${metadata.namespace}/${metadata.name} does not sign with the intermediate in its Secret cacerts`;
      }
    }
    return undefined;
  } catch (error) {
    if (error instanceof Unreachable) {
      return error.message;
    }
    throw error;
  }
}
