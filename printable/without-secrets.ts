/** Shorter texts are no secrets worth the name, and would tear holes into every message. */
const shortest = 6;

const mark = "[secret]";

/** Keys, in any spelling, whose values are not shown: `password=…`, `"api_key": "…"`, `--token …`. */
const secretKey =
  "(?:[\\w.-]*(?:password|passwd|passphrase|secret|token|credential|licen[cs]e|api[_-]?key|access[_-]?key|private[_-]?key|client[_-]?key)(?:[_-]?(?:key|data|value))?)";

/** What is secret by its form, in the order in which it is looked for: the largest first. */
const forms: readonly (readonly [pattern: RegExp, replacement: string])[] = [
  // A block without its end was cut off: all that is left of it goes.
  [/-----BEGIN [A-Z0-9 ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z0-9 ]*PRIVATE KEY-----|$)/g, mark],
  // Tokens of service accounts, of registries and of Solo's licences are JSON Web Tokens.
  [/\beyJ[\w-]{5,}\.[\w-]+(?:\.[\w-]*)?/g, mark],
  [/\b(Bearer|Basic)\s+(?!realm\b)[\w.~+/=-]{6,}/gi, `$1 ${mark}`],
  // Only the user is left of what stands before the host: registries take any name with a token.
  [/(:\/\/)[^\s/@:"']*:[^\s/@"']+@/g, `$1${mark}@`],
  // Credentials in the query of a URL, such as a signed one that a registry redirects to.
  [/([?&](?:[\w.-]*(?:signature|sig|token|credential|key|secret|password)[\w.-]*)=)[^\s&"']+/gi, `$1${mark}`],
  [new RegExp(`(["']${secretKey}["']\\s*:\\s*)"(?:[^"\\\\]|\\\\.)*"?`, "gi"), `$1"${mark}"`],
  [new RegExp(`(\\b${secretKey}\\s*=\\s*)("(?:[^"\\\\]|\\\\.)*"?|'[^']*'?|[^\\s,;&"']+)`, "gi"), `$1${mark}`],
  [new RegExp(`(--${secretKey}\\s+)[^\\s,;&"']{${String(shortest)},}`, "gi"), `$1${mark}`],
  // YAML and plain words: only what looks made by a machine, or "token: not found" would be lost.
  [new RegExp(`(\\b${secretKey}\\s*:\\s*)(?=[^\\s]*\\d)[\\w.~+/=-]{12,}`, "gi"), `$1${mark}`],
  // Access keys of clouds and tokens of registries and code hosts, which say themselves what they are.
  [
    /\b(?:AKIA|ASIA)[A-Z0-9]{16}\b|\bgh[pousr]_\w{20,}|\bgithub_pat_\w{20,}|\bglpat-[\w-]{16,}|\bdckr_(?:pat|oat)_[\w-]{16,}|\bya29\.[\w-]{16,}/g,
    mark,
  ],
];

/**
 * A text of others, such as a container's log or an event, without what is secret in it: these secrets, and whatever is one by its
 * form, such as keys, tokens and URLs with a password.
 */
export function withoutSecrets(text: string, secrets: readonly string[] = []): string {
  const known = secrets
    .flatMap((secret) => [secret, Buffer.from(secret).toString("base64")])
    .filter((secret) => secret.length >= shortest)
    .sort((left, right) => right.length - left.length)
    .reduce((rest, secret) => rest.replaceAll(secret, mark), text);
  return forms.reduce((rest, [pattern, replacement]) => rest.replace(pattern, replacement), known);
}
