import { checkedString } from "./formats";
import type { Problem } from "./issues";

const host = "[A-Za-z0-9][A-Za-z0-9.-]*(:[0-9]+)?";
const path = "(/[A-Za-z0-9][A-Za-z0-9._-]*)*/*";
const oci = new RegExp(`^oci://${host}${path}$`);
const hub = new RegExp(`^${host}${path}$`);

/** A folder: absolute, or relative with a first part that can't be mistaken for a registry's host. */
const folder = /^(\/|\.{1,2}(\/|$)|[A-Za-z0-9_-]+(\/|$))[^\p{Cc}]*$/u;

/** Names that this program adds to a hub or a registry by itself. */
const imageNames = ["pilot", "install-cni", "ztunnel", "proxyv2"];
const chartNames = ["base", "istiod", "cni", "ztunnel", "peering"];

/** What is wrong with a place in a registry, `HOST/PATH`, before which `scheme` stands; undefined if it may be one. */
function placeProblem(place: string, scheme: string, what: string, names: readonly string[]): Problem | undefined {
  const write = (right: string, why = "") => `write ${scheme}${right.replace(/\/+$/, "") || "HOST/PATH"}${why}`;
  if (/^[^/]*@(?!sha256:)/.test(place)) {
    return { problem: `is not ${what}: it has credentials`, remedy: write("HOST/PATH", ", without user and password") };
  }
  const [name = "", digest] = place.split("@");
  const [, untagged = name, tag] = /^(.*\/[^/]*|[^/:]*):([^/:]*)$/.exec(name) ?? [];
  if (digest !== undefined || (tag !== undefined && (untagged.includes("/") || !/^\d+$/.test(tag)))) {
    const ending = digest === undefined ? "a tag" : "a digest";
    const remedy = placeProblem(untagged, scheme, what, names)?.remedy ?? write(untagged, `, without ${ending}`);
    return { problem: `is not ${what}: it ends in ${ending}`, remedy };
  }
  const parts = place.replace(/\/+$/, "").split("/");
  const last = parts.length > 1 ? parts.at(-1) : undefined;
  if (last !== undefined && names.includes(last)) {
    return {
      problem: `is not ${what}: it ends in the name ${last}, which is added by itself`,
      remedy: write(parts.slice(0, -1).join("/")),
    };
  }
  const lower = lowerCasePath(place);
  return lower === place
    ? undefined
    : { problem: "has upper-case letters, which no registry allows in a path", remedy: write(lower) };
}

/** A registry's host may have upper-case letters, a path never: https://github.com/distribution/reference. */
function lowerCasePath(reference: string): string {
  const [first = "", ...rest] = reference.split("/");
  const hosted = rest.length > 0 && /[.:]|^localhost$/.test(first);
  return [hosted ? first : first.toLowerCase(), ...rest.map((part) => part.toLowerCase())].join("/");
}

/** Where charts come from: an OCI registry, or a folder. */
export const chartSource = checkedString((value) => {
  if (value.startsWith("oci://")) {
    const found = placeProblem(value.slice("oci://".length), "oci://", "a registry of charts", chartNames);
    if (found) {
      return found;
    }
  }
  return oci.test(value) || (folder.test(value) && !value.includes("://"))
    ? undefined
    : {
        problem: /^https?:/i.test(value)
          ? "is neither an OCI registry nor a folder: charts are not taken from repositories by http"
          : "is neither an OCI registry nor a folder",
        remedy: "write oci://HOST/PATH without a tag, or a folder of packaged charts such as ./charts",
      };
});

/** Where images come from. */
export const imageHub = checkedString((value) => {
  const [, scheme = "", rest = ""] = /^([A-Za-z][A-Za-z0-9+.-]*:\/\/)?(.*)$/s.exec(value) ?? [];
  const found = placeProblem(rest, "", "an image hub", imageNames);
  if (scheme !== "") {
    const remedy = found?.remedy ?? `write ${rest.replace(/\/+$/, "") || "HOST/PATH"}`;
    return { problem: `has the scheme ${scheme}`, remedy };
  }
  return (
    found ??
    (hub.test(value)
      ? undefined
      : {
          problem: "is not an image hub",
          remedy: "write HOST/PATH without an image's name or tag, such as docker.io/istio",
        })
  );
});

/**
 * A container image.
 *
 * @param what What it has to be: "a container image".
 * @param remedy How that is written.
 */
function imageReference(what: string, remedy: string, pattern: RegExp) {
  return checkedString((value) => {
    if (!pattern.test(value)) {
      return { problem: `is not ${what}`, remedy };
    }
    const [, repository = "", rest = ""] = /^(.*?)((?::[^/:@]*)?(?:@.*)?)$/.exec(value) ?? [];
    const lower = lowerCasePath(repository);
    return lower === repository
      ? undefined
      : { problem: `is not ${what}: its name has upper-case letters`, remedy: `write ${lower}${rest}` };
  });
}

/** A container image: it ends up in a configuration and on a command line. */
export const image = imageReference(
  "a container image",
  "write repository:tag or repository@digest, such as kindest/node:v1.34.0",
  /^[A-Za-z0-9][A-Za-z0-9._/-]*(:[0-9]+\/[A-Za-z0-9._/-]+)?(:[A-Za-z0-9._-]+)?(@sha256:[0-9a-f]{64})?$/,
);

/** A container image by its tag: an image that only has a digest can't be copied to another engine under its name. */
export const taggedImage = imageReference(
  "a container image with a tag",
  "write repository:tag, such as docker.io/library/busybox:1.37",
  /^[A-Za-z0-9][A-Za-z0-9._/-]*(:[0-9]+\/[A-Za-z0-9._/-]+)?:[A-Za-z0-9._-]+$/,
);
