import { type Document, isNode, isScalar, LineCounter, type Pair, parseAllDocuments, visit } from "yaml";
import { KubeconfigError, replace } from "./error";

/**
 * Bytes of a kubeconfig. A context with its certificates has 6 KiB: an engineer may have a thousand of them, and whoever gives one
 * away gives that of one cluster.
 */
const longest = { own: 8 << 20, foreign: 64 << 10 };
export type Whose = keyof typeof longest;
/** How often what an anchor names may be repeated: no tool writes anchors, and people write few. */
const mostAliases = 100;
/** How deep values may lie in each other: those of a kubeconfig reach to the entries of `users[].user.exec.env[]`, 7. */
const deepest = 32;
/** Brackets of a text in JSON: 7 for each context with its cluster and user. The library takes time by the square of their depth. */
const mostBrackets = 20_000;
/** More values in each other than in a kubeconfig, all begun in one line of YAML. */
const beginnings = new RegExp(String.raw`(?:[-?:][ \t]+){${String(deepest + 1)}}`);

/** Keys that have a special meaning in YAML or JavaScript. */
const specialKeys: ReadonlySet<unknown> = new Set(["<<", "__proto__"]);

const tooDeep = "is nested deeper than any kubeconfig";

/** What is wrong with a text. */
class KubeconfigProblem extends Error {}

/**
 * The text in the bytes of a file. YAML is UTF-8, or UTF-16 with a byte order mark, as PowerShell's `>` writes it.
 *
 * @param where What has the bytes, for messages.
 * @throws KubeconfigError where they are no text.
 */
export function decodeKubeconfig(bytes: Uint8Array, where: string): string {
  const encoding = ["utf-16le", "utf-16be"].find((_, index) => bytes[index] === 0xff && bytes[1 - index] === 0xfe);
  try {
    return new TextDecoder(encoding ?? "utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw new KubeconfigError(where, "is not a text in UTF-8 or UTF-16", replace);
  }
}

/**
 * Parses a kubeconfig: the only reader of such texts, so that no two readers can understand one differently.
 *
 * Of somebody else it accepts YAML 1.2 without custom tags, and JSON: one document, every key once, and no merge keys. The engineer's
 * own is read as kubectl reads it (sigs.k8s.io/yaml): the first document, with merge keys, and the last of two equal keys.
 *
 * @param where What has the text, for messages.
 * @param whose The engineer's own, or somebody else's.
 * @returns Strings, numbers, booleans, null, arrays and plain objects; undefined for an empty text.
 * @throws KubeconfigError
 */
export function parseKubeconfig(text: string, where: string, whose: Whose): unknown {
  try {
    return parse(text, whose);
  } catch (error) {
    // A library's message may quote the text.
    const problem = error instanceof KubeconfigProblem ? error.message : "is not the YAML of a kubeconfig";
    throw new KubeconfigError(where, problem, replace);
  }
}

function parse(given: string, whose: Whose): unknown {
  const most = longest[whose];
  const strict = whose === "foreign";
  // A carriage return alone ends a line in YAML, which the library does not know.
  const text = strict ? given : given.replace(/^\ufeff/, "").replace(/\r\n?/g, "\n");
  if (Buffer.byteLength(text) > most) {
    throw new KubeconfigProblem(`is longer than any kubeconfig (${String(most / 1024)} KiB)`);
  }
  // C0 without tab and line ends: YAML 1.2 has none of them (5.1, c-printable), and its readers differ over them.
  const control = /[^\P{Cc}\t\n\r\u007f-\u009f]/u.exec(text);
  if (control) {
    throw new KubeconfigProblem(
      `has a control character in line ${String(text.slice(0, control.index).split("\n").length)}`,
    );
  }
  if ((text.match(/[[{]/g)?.length ?? 0) > mostBrackets || beginnings.test(text)) {
    throw new KubeconfigProblem(tooDeep);
  }
  const lines = new LineCounter();
  const documents = parseAllDocuments(text, {
    version: "1.2",
    schema: "core",
    merge: !strict,
    resolveKnownTags: false,
    // Checked below: the library takes time by the square of their number.
    uniqueKeys: false,
    stringKeys: true,
    logLevel: "silent",
    prettyErrors: false,
    lineCounter: lines,
  });
  const [document, ...more] = [...documents];
  if (strict && more.length > 0) {
    throw new KubeconfigProblem("has several YAML documents");
  }
  if (document === undefined) {
    return undefined;
  }
  // A tag that is not known is a warning to the library. kubectl ignores those of applications, but not those of YAML.
  const [problem] = [
    ...document.errors,
    ...document.warnings.filter(({ message }) => strict || message.includes("tag:yaml.org")),
  ];
  if (problem) {
    throw new KubeconfigProblem(`is not the YAML of a kubeconfig (line ${String(lines.linePos(problem.pos[0]).line)})`);
  }
  // A text may declare another version, whose schema has other values: kubectl's is 1.1.
  const { yaml, tags } = document.directives;
  if ((yaml.explicit && (strict || yaml.version !== "1.1")) || Object.keys(tags).length > 1) {
    throw new KubeconfigProblem("has YAML directives (lines that begin with %)");
  }
  if (strict) {
    refuseDoubledKeys(document, lines);
  }
  return plain(document.toJS({ mapAsMap: true, maxAliasCount: mostAliases }), 0);
}

function refuseDoubledKeys(document: Document, lines: LineCounter): void {
  visit(document, {
    Map: (_, { items }) => {
      const seen = new Set<unknown>();
      for (const { key } of items as readonly Pair[]) {
        const name = isScalar(key) ? key.value : undefined;
        if (seen.has(name)) {
          const start = isNode(key) ? key.range?.[0] : undefined;
          throw new KubeconfigProblem(
            `has a duplicate key${start === undefined ? "" : ` (line ${String(lines.linePos(start).line)})`}`,
          );
        }
        seen.add(name);
      }
    },
  });
}

function plain(value: unknown, depth: number): unknown {
  if (depth > deepest) {
    throw new KubeconfigProblem(tooDeep);
  }
  if (Array.isArray(value)) {
    return value.map((entry) => plain(entry, depth + 1));
  }
  if (value instanceof Map) {
    const entries = [...(value as ReadonlyMap<unknown, unknown>)];
    const special = entries.map(([key]) => key).find((key) => specialKeys.has(key));
    if (special !== undefined) {
      throw new KubeconfigProblem(
        special === "<<" ? "has a merge key (<<)" : `has a key that no kubeconfig has (${JSON.stringify(special)})`,
      );
    }
    return Object.fromEntries(entries.map(([key, entry]) => [String(key), plain(entry, depth + 1)]));
  }
  return value;
}
