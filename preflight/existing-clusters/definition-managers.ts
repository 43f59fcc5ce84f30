import { z } from "zod";
import { type ApiServer, Forbidden } from "../../kubernetes";
import { bundleAnnotation } from "../gateway-api";
import type { DefinitionGuard, DefinitionManager } from "./types";

type Texts = Readonly<Record<string, string>>;

/** Marks that tools and platforms leave on the definitions that they keep, by key of a label or annotation. */
const marks: readonly (readonly [key: RegExp, manager: (value: string, all: Texts) => DefinitionManager])[] = [
  [
    /^meta\.helm\.sh\/release-name$/,
    (release, all) => {
      const path = `${all["meta.helm.sh/release-namespace"] ?? ""}/${release}`;
      return { name: `Helm release ${path}`, upgrade: "upgrade that release's chart" };
    },
  ],
  [
    /^argocd\.argoproj\.io\/(tracking-id|instance)$/,
    (id) => {
      const application = id.split(":")[0] ?? "";
      return { name: `Argo CD's application ${application}`, upgrade: "have it deliver a newer release" };
    },
  ],
  [
    /^(kustomize|helm)\.toolkit\.fluxcd\.io\/name$/,
    (name) => ({ name: `Flux (${name})`, upgrade: "have it deliver a newer release" }),
  ],
  [
    /^(components\.gke\.io\/component-name|addonmanager\.kubernetes\.io\/mode)$/,
    () => ({ name: "GKE", upgrade: "upgrade the cluster, whose version brings its release" }),
  ],
  [
    /^doks\.digitalocean\.com\/managed$/,
    () => ({ name: "DigitalOcean", upgrade: "upgrade the cluster, whose version brings its release" }),
  ],
  [/(^|\/)managed-by$/, (name) => ({ name, upgrade: `have ${name} bring a newer release` })],
];

/** Who keeps a definition, as its metadata says. */
export function managerOf(annotations: Texts, labels: Texts): DefinitionManager | undefined {
  const all = { ...labels, ...annotations };
  for (const [pattern, manager] of marks) {
    const found = Object.entries(all).find(([key, value]) => pattern.test(key) && value !== "");
    if (found !== undefined) {
      return manager(found[1], all);
    }
  }
  return undefined;
}

const Metadata = z.object({ metadata: z.object({ annotations: z.record(z.string(), z.string()).nullish() }) });

/** OpenShift's, from 4.19 on: only its Ingress Operator may change definitions of the Gateway API. */
const openShift = "openshift-ingress-operator-gatewayapi-crd-admission";
/** The Gateway API's own, in releases from v1.5 on: definitions older than its own minor release are denied. */
const safeUpgrades = "safe-upgrades.gateway.networking.k8s.io";

/** The admission policies in force that would deny definitions. Whoever may not look at them is not told of them. */
export async function readGuards(server: ApiServer): Promise<DefinitionGuard[]> {
  const found = await Promise.all(
    [openShift, safeUpgrades].map(async (policy): Promise<DefinitionGuard[]> => {
      const path = "/apis/admissionregistration.k8s.io/v1/validatingadmissionpolic";
      const [guard, binding] = await Promise.all([
        metadata(server, `${path}ies/${policy}`),
        metadata(server, `${path}ybindings/${policy}`),
      ]);
      if (guard === undefined || binding === undefined) {
        return [];
      }
      const bundle = /^v\d+\.\d+/.exec(guard[bundleAnnotation] ?? "")?.[0];
      return [{ policy, ...(policy === safeUpgrades && { admits: bundle === undefined ? "v1.5.0" : `${bundle}.0` }) }];
    }),
  );
  return found.flat();
}

async function metadata(server: ApiServer, path: string): Promise<Texts | undefined> {
  try {
    const { success, data } = Metadata.safeParse(await server.metadata(path));
    return success ? (data.metadata.annotations ?? {}) : undefined;
  } catch (error) {
    if (error instanceof Forbidden) {
      return undefined;
    }
    throw error;
  }
}
