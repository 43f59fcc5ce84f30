/** A chart's place in an OCI registry. */
export interface OciReference {
  /** With its port, where it has one. */
  readonly host: string;
  /** Such as `istio/release/charts/base`. */
  readonly repository: string;
  /** The version as a tag: Helm writes `_` for `+`, which no tag may have. */
  readonly tag: string;
}

const scheme = "oci://";

/** Undefined for what is no URL of an OCI registry: a chart's file. */
export function ociReference(chart: string, version: string): OciReference | undefined {
  if (!chart.startsWith(scheme)) {
    return undefined;
  }
  const [host = "", ...path] = chart.slice(scheme.length).split("/");
  return { host, repository: path.join("/"), tag: version.replaceAll("+", "_") };
}

/** The host of a source of charts; undefined for a folder. */
export function hostOf(charts: string): string | undefined {
  return ociReference(charts, "")?.host;
}
