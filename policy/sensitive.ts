import { readDocuments } from "./mesh";
import { at, text, texts, type Value } from "./state";

/** Something that only its owner should read. */
export interface Sensitive {
  /** Where it is. */
  readonly path: readonly string[];
  readonly what: "private key" | "licence key" | "token" | "password";
}

/** The private keys, licences and credentials of kubeconfigs in properties, wherever they are. */
export function sensitiveIn(properties: Value): Sensitive[] {
  // Whatever a remote secret has as a token is one; elsewhere a short one is an example.
  const remote = text(properties, "metadata", "labels", "istio/multiCluster") === "true";
  const shortest = remote ? 1 : shortestKey;
  return texts(properties)
    .filter(({ path }) => !path.includes("openAPIV3Schema"))
    .flatMap(({ path, text: value }): Sensitive[] => {
      const what = holdsKey(value)
        ? "private key"
        : (credentialIn(value, shortest) ??
          credentialAt(properties, path, shortest) ??
          (holdsLicence(properties, path, value) ? "licence key" : undefined));
      return what === undefined ? [] : [{ path, what }];
    });
}

/** Keys and tokens that somebody was given are longer. */
const shortestKey = 16;

/** What a kubeconfig inside another text begins with in base64: `apiVersion`, `clusters`, `kind: `, `contexts`, `current-context`, `{`. */
const encodedKubeconfig =
  /(?:YXBpVmVyc2lvb|Y2x1c3RlcnM6|a2luZDog|Y29udGV4dHM6|Y3VycmVudC1jb250ZXh0|eyJ|ewog)[A-Za-z0-9+/]{16,}/g;

/** The keys of a kubeconfig's user that are a credential as they are. */
const credentials = {
  token: "token",
  "id-token": "token",
  "refresh-token": "token",
  "access-token": "token",
  password: "password",
} as const;

/** What else than a key lets somebody in who has a kubeconfig: in a text as it is, inside another text, or in base64. */
function credentialIn(value: string, shortest: number): "token" | "password" | undefined {
  const whole = /^[A-Za-z0-9+/\s]{40,}=*\s*$/.test(value) ? [value] : (value.match(encodedKubeconfig) ?? []);
  const encoded = whole.map((one) => Buffer.from(one, "base64").toString("utf8"));
  const [found] = [value, ...encoded]
    .filter((one) => /clusters\\*"?\s*:/.test(one) && /users\\*"?\s*:/.test(one))
    .flatMap((one) => [
      ...one.matchAll(
        /(?<![\w-])(token|id-token|refresh-token|access-token|password)\\*["']?\s*:\s*\\*["']?([^\s"'\\,}\]]+)/g,
      ),
    ])
    .filter(([, key, credential = ""]) => isCredential(credential, key === "password" ? 1 : shortest));
  return found && credentials[found[1] as keyof typeof credentials];
}

/** The same in a kubeconfig that is a map. */
function credentialAt(properties: Value, path: readonly string[], shortest: number): "token" | "password" | undefined {
  const users = path.lastIndexOf("users");
  const key = path.at(-1) ?? "";
  const config = at(properties, ...path.slice(0, Math.max(users, 0)));
  return users >= 0 &&
    path.includes("user", users) &&
    Object.hasOwn(credentials, key) &&
    at(config, "clusters") !== undefined &&
    isCredential(text(at(properties, ...path)) ?? "", key === "password" ? 1 : shortest)
    ? credentials[key as keyof typeof credentials]
    : undefined;
}

/** What stands for one that is filled in elsewhere, or was left out, is none. */
function isCredential(value: string, shortest: number): boolean {
  return value.length >= shortest && !/^(null|~|REDACTED|\*+|x+|[<$%{[].*)$/i.test(value);
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

function holdsLicence(properties: Value, path: readonly string[], value: string): boolean {
  return (
    namedLicence(properties, path, value) ||
    inYaml(value).some((one) => namedLicence(one.of, one.path, one.text)) ||
    (isCommand(path) && onCommandLine(value).some((one) => namedLicence({}, one.path, one.text)))
  );
}

function namedLicence(properties: Value, path: readonly string[], value: string): boolean {
  // `license.value` is one key where values are set one by one.
  const dotted = (name: string): string[] => name.split(".").toReversed();
  const [last = "", owner = ""] = path.toReversed().flatMap(dotted);
  const general = /^(value|key|token)$/i.test(last);
  // `{name: SOLO_LICENSE_KEY, value: …}` is a variable.
  const variable = general ? text(at(properties, ...path.slice(0, -1), "name")) : undefined;
  const [named = "", above = ""] = dotted(variable ?? "");
  const names = general ? [owner, named, /^(value|key|token)$/i.test(named) ? above : ""] : [last];
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
  const read = readDocuments(value);
  return "wrong" in read ? [] : read.values.flatMap((of) => texts(of).map((one) => ({ of, ...one })));
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
