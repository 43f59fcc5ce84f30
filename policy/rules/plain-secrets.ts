import { parse } from "yaml";
import { noParameters, resourceRule } from "../rule";
import { at, decode, pathText, type Resource, text, texts, type Value } from "../view";

/** Something that nobody but its owner should read. */
interface Sensitive {
  /** Where it stands in the inputs. */
  readonly path: readonly string[];
  readonly what: "private key" | "licence key";
}

/** Whoever can read a state or a plan can read what is not a secret in it. */
export const plainSecrets = resourceRule({
  name: "plain-secrets",
  description:
    "No private key and no licence key is a plain value: each is a secret of the stack. Needs the policy secret-values at its own level.",
  parameters: noParameters,
  judge: (resource) => {
    const { inputs, secrets } = resource;
    const found = texts(inputs)
      .filter(({ path }) => !isDescription(path))
      .flatMap(({ path, text: value }): Sensitive[] => {
        const what = holdsKey(value) ? "private key" : holdsLicence(resource, path, value) ? "licence key" : undefined;
        return what === undefined ? [] : [{ path, what }];
      });
    if (secrets === undefined) {
      return found.map(
        ({ path, what }) =>
          `It can't be seen whether the ${what} at ${pathText(path)} is a secret. Set the policy secret-values to level ` +
          "remediate, as it is by itself: it changes nothing.",
      );
    }
    return found
      .filter(({ path }) => !path.some((_, index) => secrets.includes(pathText(path.slice(0, index + 1)))))
      .filter(() => !secrets.includes(""))
      .map(
        ({ path, what }) =>
          `The ${what} at ${pathText(path)} is a plain value: it stands in the state and in every plan. Make it a secret ` +
          "(pulumi config set --secret, pulumi.secret), or name a Secret that holds it.",
      );
  },
});

const pem = /-----BEGIN [A-Z0-9 ]*PRIVATE KEY-----/;

/** As it is, or in base64: `LS0tLS1CRUdJTi` is `-----BEGIN`. */
function holdsKey(value: string): boolean {
  const encoded = value.match(/LS0tLS1CRUdJTi[A-Za-z0-9+/]{16,}/g) ?? [];
  return pem.test(value) || encoded.some((one) => pem.test(Buffer.from(one, "base64").toString("utf8")));
}

/** `license`, `licenseKey`, `SOLO_LICENSE_KEY`, `gloo-mesh-license-key` */
const licenceName = /(^|[-_.]|[a-z])licen[cs]e[-_]?(key)?$/i;

/** Names of licences for software that everybody may read, and what says where one is to be found. */
const noKey =
  /^(true|false|none|apache|mit\b|bsd|gpl|lgpl|agpl|mpl|isc\b|epl|cc0|unlicense|proprietary|commercial)|\s|:\/\/|^\$\{/i;

const shortestKey = 16;

function holdsLicence(resource: Resource, path: readonly string[], value: string): boolean {
  return (
    namedLicence(resource.inputs, path, value) || inYaml(value).some((one) => namedLicence(one.of, one.path, one.text))
  );
}

function namedLicence(inputs: Value, path: readonly string[], value: string): boolean {
  const [last = "", owner = ""] = path.toReversed();
  const general = /^(value|key|token)$/i.test(last);
  // `{name: SOLO_LICENSE_KEY, value: …}` is a variable.
  const variable = general ? text(at(inputs, ...path.slice(0, -1), "name")) : undefined;
  const names = general ? [owner, variable ?? ""] : [last];
  // `license: basic` is a sort of licence.
  if (/^licen[cs]e$/i.test(last) && value.length < shortestKey) {
    return false;
  }
  return value !== "" && !noKey.test(value) && names.some((name) => licenceName.test(name));
}

/** Values of a chart may be a text, too. */
function inYaml(value: string): { readonly of: Value; readonly path: readonly string[]; readonly text: string }[] {
  if (!/licen[cs]e[\w-]*"?\s*:/i.test(value)) {
    return [];
  }
  try {
    const of = decode(parse(value, { logLevel: "silent" })).value;
    return texts(of).map((one) => ({ of, ...one }));
  } catch {
    return [];
  }
}

/** Labels, annotations and the schemas of definitions describe. */
function isDescription(path: readonly string[]): boolean {
  const [first, second] = path;
  return (
    (first === "metadata" && (second === "labels" || second === "annotations")) || path.includes("openAPIV3Schema")
  );
}
