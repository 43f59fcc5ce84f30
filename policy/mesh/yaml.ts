import { type Document, LineCounter, parseAllDocuments, visit } from "yaml";
import { decode, isMap, type Properties, type Value } from "../state";

/** Where a text is no YAML, or why its values can't be used; never with a part of the text, which may be secret. */
export interface Wrong {
  readonly wrong: string;
}

/** The map in a text of YAML; Helm reads no more than its first document. */
export function readValues(source: string): { readonly value: Properties } | Wrong {
  const read = readDocuments(source);
  if ("wrong" in read) {
    return read;
  }
  const [value = {}] = read.values;
  return value === null ? { value: {} } : isMap(value) ? { value } : { wrong: "they are not a map" };
}

export function readDocuments(source: string): { readonly values: readonly Value[] } | Wrong {
  const lines = new LineCounter();
  // Go's reader lets the last of two equal keys win.
  const options = { lineCounter: lines, prettyErrors: false, logLevel: "silent", uniqueKeys: false } as const;
  const documents: readonly Document[] = parseAllDocuments(source, options);
  const [error] = documents.flatMap(({ errors }) => errors);
  if (error) {
    const { line, col } = lines.linePos(error.pos[0]);
    return { wrong: `line ${String(line)}, column ${String(col)}` };
  }
  const alias = { wrong: "an alias leads nowhere, to itself, or to too much" };
  if (documents.some(holdsItself)) {
    return alias;
  }
  try {
    return { values: documents.map((document) => decode(document.toJS()).value) };
  } catch {
    return alias;
  }
}

function holdsItself(document: Document): boolean {
  let found = false;
  visit(document, {
    Alias: (_key, alias, above) => {
      const node = alias.resolve(document);
      found ||= node !== undefined && above.includes(node);
    },
  });
  return found;
}
