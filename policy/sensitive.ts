import { parse } from "yaml";
import { at, decode, text, texts, type Value } from "./state";

/** Something that only its owner should read. */
export interface Sensitive {
  /** Where it is. */
  readonly path: readonly string[];
  readonly what: "private key" | "licence key";
}

/** The private keys and licences in properties, wherever they are. */
export function sensitiveIn(properties: Value): Sensitive[] {
  return texts(properties)
    .filter(({ path }) => !path.includes("openAPIV3Schema"))
    .flatMap(({ path, text: value }): Sensitive[] => {
      const what = holdsKey(value) ? "private key" : holdsLicence(properties, path, value) ? "licence key" : undefined;
      return what === undefined ? [] : [{ path, what }];
    });
}

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

function holdsLicence(properties: Value, path: readonly string[], value: string): boolean {
  return (
    namedLicence(properties, path, value) ||
    inYaml(value).some((one) => namedLicence(one.of, one.path, one.text)) ||
    (isCommand(path) && onCommandLine(value).some((one) => namedLicence({}, one.path, one.text)))
  );
}

function namedLicence(properties: Value, path: readonly string[], value: string): boolean {
  const [last = "", owner = ""] = path.toReversed();
  const general = /^(value|key|token)$/i.test(last);
  // `{name: SOLO_LICENSE_KEY, value: …}` is a variable.
  const variable = general ? text(at(properties, ...path.slice(0, -1), "name")) : undefined;
  const names = general ? [owner, variable ?? ""] : [last];
  // `license: basic` is a kind of licence.
  if (describes(path) || (/^licen[cs]e$/i.test(last) && value.length < shortestKey)) {
    return false;
  }
  return value !== "" && !noKey.test(value) && names.some((name) => licenceName.test(name));
}

/** Labels and annotations say which licence something has; an annotation with all of an object has its values as well. */
function describes(path: readonly string[]): boolean {
  const owner = path.lastIndexOf("metadata");
  return owner >= 0 && ["labels", "annotations"].includes(path[owner + 1] ?? "");
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

/** Whether a text is one for a shell, of a Command or a container. */
function isCommand(path: readonly string[]): boolean {
  return path.some((key) => /^(create|update|delete|command|args|stdin|entrypoints?)$/.test(key));
}

/** `--set license.value=…`, `--license-key …`, `SOLO_LICENSE_KEY=…`, but for what a shell is to fill in or to read. */
function onCommandLine(value: string): { readonly path: readonly string[]; readonly text: string }[] {
  const settings =
    /([\w.-]*licen[cs]e[\w.-]*)=["']?([^\s"',;|&)]+)|--([\w-]*licen[cs]e[\w-]*)\s+["']?([^\s"',;|&)]+)/gi;
  return [...value.matchAll(settings)].flatMap(([, name, set, flag, given]) => {
    const found = set ?? given ?? "";
    return /^[-$`/.~@<{%=]/.test(found) ? [] : [{ path: (name ?? flag ?? "").split("."), text: found }];
  });
}
