/** The provider's configuration, as far as the stand-in plays it. */
export interface Settings {
  /** A kubeconfig's text or its path; empty means what kubectl would take. */
  readonly kubeconfig: string;
  readonly context: string | undefined;
  readonly cluster: string | undefined;
  readonly namespace: string | undefined;
  readonly deleteUnreachable: boolean;
  readonly enablePatchForce: boolean;
  readonly upsertExistingObjects: boolean;
  readonly enableSecretMutable: boolean;
  readonly enableConfigMapMutable: boolean;
}

const UNSUPPORTED = ["renderYamlToDirectory", "skipUpdateUnreachable", "helmReleaseSettings"];

export function readSettings(given: ReadonlyMap<string, string>): Settings {
  const unsupported = UNSUPPORTED.filter((key) => given.has(key) && given.get(key) !== "false");
  if (unsupported.length > 0 || given.get("enableServerSideApply") === "false") {
    const keys = unsupported.length > 0 ? unsupported.join(", ") : "enableServerSideApply: false";
    throw new Error(
      `The stand-in for Pulumi's kubernetes plugin (rehearsal/plugins/kubernetes) does not play the provider's ${keys}.`,
    );
  }
  const flag = (key: string, variable: string) => (given.get(key) ?? process.env[variable]) === "true";
  return {
    kubeconfig: given.get("kubeconfig") ?? "",
    context: given.get("context"),
    cluster: given.get("cluster"),
    namespace: given.get("namespace"),
    deleteUnreachable: flag("deleteUnreachable", "PULUMI_K8S_DELETE_UNREACHABLE"),
    enablePatchForce: flag("enablePatchForce", "PULUMI_K8S_ENABLE_PATCH_FORCE"),
    upsertExistingObjects: flag("upsertExistingObjects", "PULUMI_K8S_UPSERT_EXISTING_OBJECTS"),
    enableSecretMutable: flag("enableSecretMutable", "PULUMI_K8S_ENABLE_SECRET_MUTABLE"),
    enableConfigMapMutable: flag("enableConfigMapMutable", "PULUMI_K8S_ENABLE_CONFIGMAP_MUTABLE"),
  };
}
