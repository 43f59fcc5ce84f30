import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";
import { projectFolder } from "../../rehearsal/program";

/** A place in the code that says what to do. */
export interface RemedyText {
  /** Of the file, from the project's folder on. */
  readonly file: string;
  /** The remedy's words as they stand there, with `…` for what is put in. */
  readonly text: string;
}

/**
 * Every remedy of the checks, by the code: the second argument of what records a finding, and each property `remedy`. Constants
 * and functions of the checks that give texts are followed.
 */
export function remedyTexts(): RemedyText[] {
  const files = ["checks/mesh", "checks/precheck", "checks/inventory", "readiness/masquerade"].flatMap((folder) =>
    readdirSync(join(projectFolder, folder))
      .filter((name) => name.endsWith(".ts"))
      .map((name) => `${folder}/${name}`),
  );
  const sources = [...files, "checks/remedies.ts"].map((file) => {
    const text = readFileSync(join(projectFolder, file), "utf8");
    return ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
  });
  const texts = new Texts(sources);
  const all = sources.flatMap((source) =>
    remediesIn(source).flatMap((node) =>
      texts.of(node).map((text) => ({ file: source.fileName.replace(/\.ts$/, ""), text })),
    ),
  );
  return [...new Map(all.map((one) => [`${one.file} ${one.text}`, one])).values()];
}

function remediesIn(source: ts.SourceFile): ts.Expression[] {
  const found: ts.Expression[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isCallExpression(node) && ts.isPropertyAccessExpression(node.expression)) {
      const [, remedy] = node.arguments;
      if (["failed", "warning", "unknown"].includes(node.expression.name.text) && remedy !== undefined) {
        found.push(remedy);
      }
    }
    if (ts.isPropertyAssignment(node) && node.name.getText() === "remedy") {
      found.push(node.initializer);
    }
    // What a failure to read comes to: [message, remedy].
    if (ts.isReturnStatement(node) && node.expression && ts.isArrayLiteralExpression(node.expression)) {
      const [, remedy] = node.expression.elements;
      if (source.fileName.endsWith("each-cluster.ts") && remedy !== undefined) {
        found.push(remedy);
      }
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

/** The texts that expressions may come to. */
class Texts {
  /** By name: the values of constants, and what functions return. */
  readonly #values = new Map<string, ts.Expression[]>();

  constructor(sources: readonly ts.SourceFile[]) {
    const visit = (node: ts.Node): void => {
      if (ts.isVariableDeclaration(node) && node.initializer) {
        this.#keep(node, node.name, node.initializer);
      }
      if (ts.isReturnStatement(node) && node.expression) {
        const owner = ts.findAncestor(node, ts.isFunctionDeclaration);
        if (owner?.name) {
          this.#keep(owner, owner.name, node.expression);
        }
      }
      ts.forEachChild(node, visit);
    };
    sources.forEach(visit);
  }

  #keep(node: ts.Node, name: ts.Node, value: ts.Expression): void {
    // Those of checks/remedies.ts and of cacerts.ts are known everywhere.
    const { fileName } = node.getSourceFile();
    const scope = /remedies\.ts$|cacerts\.ts$|demo\.ts$/.test(fileName) ? "" : fileName;
    const key = `${scope} ${name.getText()}`;
    this.#values.set(key, [...(this.#values.get(key) ?? []), value]);
  }

  of(node: ts.Expression, depth = 0): string[] {
    if (depth > 8) {
      return ["…"];
    }
    const next = (one: ts.Expression) => this.of(one, depth + 1);
    if (ts.isStringLiteralLike(node)) {
      return [node.text];
    }
    if (ts.isTemplateExpression(node)) {
      return node.templateSpans.reduce(
        (texts, { expression, literal }) =>
          both(both(texts, ts.isConditionalExpression(expression) ? ["…"] : next(expression)), [literal.text]),
        [node.head.text],
      );
    }
    if (ts.isBinaryExpression(node) && node.operatorToken.kind === ts.SyntaxKind.PlusToken) {
      return both(next(node.left), next(node.right));
    }
    if (ts.isConditionalExpression(node)) {
      return [...next(node.whenTrue), ...next(node.whenFalse)];
    }
    if (ts.isParenthesizedExpression(node)) {
      return next(node.expression);
    }
    if (ts.isArrowFunction(node) && !ts.isBlock(node.body)) {
      return next(node.body);
    }
    const name = ts.isCallExpression(node) ? node.expression : node;
    if (ts.isIdentifier(name) && !["kubectl", "helm", "shellWord", "String"].includes(name.text)) {
      const { fileName } = node.getSourceFile();
      const values = this.#values.get(`${fileName} ${name.text}`) ?? this.#values.get(` ${name.text}`);
      return [...new Set(values?.flatMap(next) ?? ["…"])];
    }
    return ["…"];
  }
}

function both(starts: readonly string[], ends: readonly string[]): string[] {
  return starts.flatMap((start) => ends.map((end) => start + end));
}
