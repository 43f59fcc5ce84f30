import { LineCounter, parseAllDocuments } from "yaml";
import { KubeconfigError, replace } from "./error";

/** Bytes of a kubeconfig. One of a hundred clusters with their certificates has a third of it. */
const longest = 1 << 20;
/** How often what an anchor names may be repeated: no tool writes anchors, and people write few. */
const mostAliases = 100;
/** How deep values may lie in each other: those of a kubeconfig reach to the entries of `users[].user.exec.env[]`, 7. */
const deepest = 32;

/** Keys that readers of YAML or JavaScript take for something else than a name. */
const specialKeys: ReadonlySet<unknown> = new Set(["<<", "__proto__"]);

/** What is wrong with a text. */
class Fault extends Error {}

/**
 * What a kubeconfig's text says: the one reader of such texts, so that no two of them can understand one differently.
 *
 * It takes YAML 1.2 without tags of its own, and JSON: one document, every key once, and no merge keys.
 *
 * @param where What has the text, for messages.
 * @returns Strings, numbers, booleans, null, arrays and plain objects; undefined for an empty text.
 * @throws KubeconfigError
 */
export function parseKubeconfig(text: string, where: string): unknown {
  try {
    return parse(text);
  } catch (error) {
    // What a library says may quote the text.
    const problem = error instanceof Fault ? error.message : "is no YAML of a kubeconfig";
    throw new KubeconfigError(where, problem, replace);
  }
}

function parse(text: string): unknown {
  if (Buffer.byteLength(text) > longest) {
    throw new Fault(`is longer than any kubeconfig (${String(longest / 1024)} KiB)`);
  }
  // C0 without tab and line ends: YAML 1.2 has none of them (5.1, c-printable), and its readers differ over them.
  const control = /[^\P{Cc}\t\n\r\u007f-\u009f]/u.exec(text);
  if (control) {
    throw new Fault(`has a control character in line ${String(text.slice(0, control.index).split("\n").length)}`);
  }
  const lines = new LineCounter();
  const documents = parseAllDocuments(text, {
    version: "1.2",
    schema: "core",
    merge: false,
    uniqueKeys: true,
    stringKeys: true,
    logLevel: "silent",
    prettyErrors: false,
    lineCounter: lines,
  });
  const [document, ...more] = [...documents];
  if (more.length > 0) {
    throw new Fault("has several YAML documents");
  }
  if (document === undefined) {
    return undefined;
  }
  // A tag that is not known is a warning to the library.
  const [fault] = [...document.errors, ...document.warnings];
  if (fault) {
    throw new Fault(`is no YAML of a kubeconfig (line ${String(lines.linePos(fault.pos[0]).line)})`);
  }
  // A text may declare another version, whose schema has other values.
  if (document.directives.yaml.explicit || Object.keys(document.directives.tags).length > 1) {
    throw new Fault("has YAML directives (lines with % in front)");
  }
  return plain(document.toJS({ mapAsMap: true, maxAliasCount: mostAliases }), 0);
}

function plain(value: unknown, depth: number): unknown {
  if (depth > deepest) {
    throw new Fault("has values deeper in each other than any kubeconfig");
  }
  if (Array.isArray(value)) {
    return value.map((entry) => plain(entry, depth + 1));
  }
  if (value instanceof Map) {
    const special = [...value.keys()].find((key) => specialKeys.has(key));
    if (special !== undefined) {
      throw new Fault(
        special === "<<" ? "has a merge key (<<)" : `has a key that no kubeconfig has (${String(special)})`,
      );
    }
    return Object.fromEntries([...value].map(([key, entry]) => [String(key), plain(entry, depth + 1)]));
  }
  return value;
}
