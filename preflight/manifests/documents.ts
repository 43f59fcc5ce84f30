import { type Document, isCollection, isMap, isScalar, isSeq, LineCounter, parseAllDocuments, visit } from "yaml";

/** A value of a file that is to be an object, with the line that it begins in. */
export interface FoundValue {
  readonly value: unknown;
  readonly line: number;
}

/** A fault of a file's text. Nothing of the text is quoted: it may hold secrets. */
export interface TextFault {
  readonly line: number;
  readonly problem: string;
}

export interface Documents {
  readonly values: readonly FoundValue[];
  readonly faults: readonly TextFault[];
}

/** Kubernetes' tools read YAML 1.1 (`yes` is true), but for times, which are texts. */
const options = {
  version: "1.1",
  prettyErrors: false,
  customTags: (tags: readonly unknown[]) => tags.filter((tag) => !isTime(tag)),
} as Parameters<typeof parseAllDocuments>[1];

function isTime(tag: unknown): boolean {
  const { tag: name, format } = (tag ?? {}) as { readonly tag?: string; readonly format?: string };
  return format === "TIME" || name?.endsWith(":timestamp") === true;
}

/** Reads all documents of a YAML or JSON text. Lists of objects are taken apart; empty documents are left out. */
export function documentsIn(text: string): Documents {
  const lines = new LineCounter();
  const documents = parseAllDocuments(text, { ...options, lineCounter: lines });
  const lineAt = (offset: number) => Math.max(1, lines.linePos(offset).line);
  const values: FoundValue[] = [];
  const faults: TextFault[] = [];
  for (const document of Array.isArray(documents) ? (documents as Document.Parsed[]) : []) {
    const [error] = document.errors;
    const start = lineAt(startOf(document.contents) ?? 0);
    const template = templateIn(document);
    if (error !== undefined || template !== undefined) {
      const line = lineAt(template ?? error?.pos[0] ?? 0);
      faults.push({ line, problem: template === undefined ? textProblem(error?.code ?? "", text) : unfilled });
      continue;
    }
    try {
      const value: unknown = document.toJS();
      values.push(...(isObjectList(value) ? itemsOf(document, value, lineAt) : [{ value, line: start }]));
    } catch {
      // What aliases stand for grows without end, or leads to itself.
      faults.push({
        line: start,
        problem: "has aliases (*name) that can't be filled in: write out what they stand for",
      });
    }
  }
  return { values: values.filter(({ value }) => value !== null && value !== undefined), faults };
}

const unfilled =
  "has a template ({{ … }}) that nothing has filled in: render it, and name the result, such as that of helm template";

function textProblem(code: string, text: string): string {
  if (/^\s*</.test(text)) {
    return "is a web page or XML, not YAML: get the file itself";
  }
  if (text.startsWith("version https://git-lfs.github.com/")) {
    return "is what Git LFS leaves in the place of a file: git lfs pull gets the file";
  }
  if (/\{\{.*\}\}/.test(text)) {
    return unfilled;
  }
  return faultsByCode[code] ?? "is not valid YAML: correct it";
}

const faultsByCode: Readonly<Record<string, string>> = {
  DUPLICATE_KEY: "has a key twice in one map: remove one of them",
  TAB_AS_INDENT: "is indented by a tab, which YAML does not allow: use spaces",
  BAD_INDENT: "is not valid YAML: see its indentation",
  MISSING_CHAR: "is not valid YAML: a quote, bracket or comma is missing",
};

/** Where a template stands that YAML takes for a map as the key of a map. */
function templateIn(document: Document.Parsed): number | undefined {
  let found: number | undefined;
  visit(document, {
    Pair: (_, { key }) => {
      if (!isCollection(key)) {
        return undefined;
      }
      found = startOf(key);
      return visit.BREAK;
    },
  });
  return found;
}

function startOf(node: unknown): number | undefined {
  return isScalar(node) || isCollection(node) ? node.range?.[0] : undefined;
}

/** `kind: List`, as kubectl prints several objects, or `PodList` and the like. */
function isObjectList(value: unknown): value is { readonly items: readonly unknown[] } {
  const { kind, items } = (value ?? {}) as { readonly kind?: unknown; readonly items?: unknown };
  return typeof kind === "string" && kind.endsWith("List") && Array.isArray(items);
}

function itemsOf(
  { contents }: Document.Parsed,
  { items }: { readonly items: readonly unknown[] },
  lineAt: (offset: number) => number,
): readonly FoundValue[] {
  const list = isMap(contents) ? contents.get("items", true) : undefined;
  const nodes = isSeq(list) ? list.items : [];
  return items.map((value, index) => ({ value, line: lineAt(startOf(nodes[index]) ?? startOf(contents) ?? 0) }));
}
