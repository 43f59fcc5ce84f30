import { decode, entries, isMap, pathText, type Resource, text, type Value } from "../state";
import { chartsOf } from "./charts";
import { containers } from "./objects";

/** An image that a resource has run. */
export interface Image {
  /** Where it is in the resource's inputs. */
  readonly path: string;
  /** With registry and namespace: `docker.io/istio/pilot`. */
  readonly repository: string;
  readonly tag: string | undefined;
  readonly digest: string | undefined;
  /** Whether it is one of Istio's own. */
  readonly mesh: boolean;
}

/** Every image that a resource names whole: those of its containers, and those in the values of charts. */
export function imagesOf(resource: Resource): Image[] {
  const own = containers(resource).flatMap(({ path, value }) => {
    const image = text(value, "image");
    // istiod fills in what a gateway's template leaves to it.
    return image === undefined || image === "auto" ? [] : [readImage(image, `${path}.image`)];
  });
  return [...own, ...chartsOf(resource).flatMap(({ values }) => imagesOfValues(values, ["values"]))];
}

/** `repository[:tag][@digest]`, with what Docker would put in front. */
export function readImage(reference: string, path: string): Image {
  const [name = "", digest] = reference.split("@");
  const colon = name.lastIndexOf(":");
  const tagged = colon > name.lastIndexOf("/");
  const short = tagged ? name.slice(0, colon) : name;
  const [host = "", ...rest] = short.split("/");
  const hosted = rest.length > 0 && /[.:]|^localhost$/.test(host);
  const repository = hosted ? short : `docker.io/${rest.length === 0 ? "library/" : ""}${short}`;
  return {
    path,
    repository,
    tag: tagged ? name.slice(colon + 1) : undefined,
    digest,
    mesh: isMesh(repository),
  };
}

/** Names of the images that Istio itself consists of. */
function isMesh(repository: string): boolean {
  return /\/(pilot|install-cni|ztunnel|proxyv2)$/.test(repository);
}

/** Charts name an image as a text, or as a map of its parts. */
function imagesOfValues(value: Value, path: readonly string[]): Image[] {
  return entries(value).flatMap(([key, entry]) => {
    const here = [...path, key];
    if (/image$/i.test(key) && typeof entry === "string" && /[/:]/.test(entry)) {
      return [readImage(entry, pathText(here))];
    }
    const repository = text(entry, "repository");
    if (/image$/i.test(key) && repository !== undefined && repository !== "") {
      const registry = text(entry, "registry");
      const tag = text(entry, "tag");
      const digest = text(entry, "digest");
      const name = [registry, repository].filter(Boolean).join("/");
      // A chart has a tag of its own for where none is given.
      return [{ ...readImage(name, pathText(here)), tag: tag || (digest ? undefined : "of the chart"), digest }];
    }
    return isMap(entry) ? imagesOfValues(entry, here) : [];
  });
}

/** Hub and tag that Istio's charts build their images' names of. */
export interface HubAndTag {
  readonly path: string;
  readonly hub: string | undefined;
  readonly tag: string | undefined;
}

/** The hubs and tags in the values of Istio's charts. A whole image in place of one of its names counts as well. */
export function hubsOf(resource: Resource): HubAndTag[] {
  return chartsOf(resource).flatMap(({ part, values }) => (part === undefined ? [] : hubsIn(values, ["values"])));
}

function hubsIn(value: Value, path: readonly string[]): HubAndTag[] {
  const [hub, tag] = [text(value, "hub"), text(value, "tag")];
  const here = hub === undefined && tag === undefined ? [] : [{ path: pathText(path), hub, tag }];
  return [...here, ...entries(value).flatMap(([key, entry]) => (isMap(entry) ? hubsIn(entry, [...path, key]) : []))];
}

/** What a Secret or ConfigMap has as a JSON text. */
export function jsonOf(value: Value | undefined): Value {
  if (typeof value !== "string") {
    return value ?? {};
  }
  try {
    return decode(JSON.parse(value)).value;
  } catch {
    return {};
  }
}
