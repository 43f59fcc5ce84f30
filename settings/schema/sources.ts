import type { Verdict } from "../faults";

const host = "[A-Za-z0-9][A-Za-z0-9.-]*(:[0-9]+)?";
const path = "(/[A-Za-z0-9][A-Za-z0-9._-]*)*/*";
const oci = new RegExp(`^oci://${host}${path}$`);
const hub = new RegExp(`^${host}${path}$`);

/** A folder: absolute, or relative with a first part that can't be taken for a registry's host. */
const folder = /^(\/|\.{1,2}(\/|$)|[A-Za-z0-9_-]+(\/|$))[^\p{Cc}]*$/u;

/** What is wrong with a source of charts; undefined when nothing is. */
export function chartsFault(text: string): Verdict | undefined {
  return oci.test(text) || (folder.test(text) && !text.includes("://"))
    ? undefined
    : {
        problem: "is neither an OCI registry nor a folder",
        remedy: "write oci://HOST/PATH without a tag, or a folder of packaged charts such as ./charts",
      };
}

/** What is wrong with a hub of images; undefined when nothing is. */
export function imagesFault(text: string): Verdict | undefined {
  const scheme = /^[A-Za-z]+:\/\//.exec(text)?.[0];
  if (scheme !== undefined) {
    return { problem: `has the scheme ${scheme}`, remedy: `write ${text.slice(scheme.length) || "HOST/PATH"}` };
  }
  return hub.test(text)
    ? undefined
    : { problem: "is no image hub", remedy: "write HOST/PATH without an image's name or tag, such as docker.io/istio" };
}

/** What is wrong with the place of the Gateway API's manifests; undefined when nothing is. */
export function manifestsFault(text: string): Verdict | undefined {
  const remedy = "write a path, or an https URL";
  if (/\p{Cc}/u.test(text) || text.trim() !== text || text === "") {
    return { problem: "is neither a path nor a URL", remedy };
  }
  if (!text.includes("://")) {
    return undefined;
  }
  return text.startsWith("https://") && URL.canParse(text) ? undefined : { problem: "is no https URL", remedy };
}
