import type { KubernetesObject } from "../../kubernetes";
import type { Difference, Step } from "./compare";
import { isMap } from "./compare";

/**
 * Such as `spec.replicas is 0 instead of 1`; never what a Secret holds, nor what looks like one.
 *
 * @param keepTexts Whether texts are kept back, too.
 */
export function textOf({ path, declared, live }: Difference, object: KubernetesObject, keepTexts = false): string {
  const field = fieldOf(path);
  if (live === undefined) {
    return `${field} is missing`;
  }
  const isKept = keepTexts && [declared, live].some((value) => typeof value === "string");
  return isShown(declared) && isShown(live) && !isKept && !isSecret(path, object)
    ? `${field} is ${shown(live)} instead of ${shown(declared)}`
    : `${field} differs`;
}

function fieldOf(path: readonly Step[]): string {
  return path
    .map((step, index) => {
      if (typeof step === "number") {
        return `[${String(step)}]`;
      }
      if (typeof step !== "string") {
        return `[${Object.values(step).map(String).join(", ")}]`;
      }
      const dot = index === 0 ? "" : ".";
      return /^[\w-]+$/.test(step) ? `${dot}${step}` : `["${step}"]`;
    })
    .join("");
}

const longest = 60;

function isShown(value: unknown): boolean {
  return ["string", "number", "boolean"].includes(typeof value) && String(value).length <= longest;
}

/** In quotes where it would not be seen, or not be told from the sentence. */
function shown(value: unknown): string {
  const text = String(value);
  return /^[\w./:@%+-]+$/.test(text) ? text : JSON.stringify(text);
}

const secretName = /key|token|secret|passw|licen[cs]e|credential/i;

function isSecret(path: readonly Step[], { kind }: KubernetesObject): boolean {
  const names = path.map((step) => (isMap(step) ? Object.values(step).map(String).join(" ") : String(step)));
  return (kind === "Secret" && path[0] !== "metadata") || names.some((name) => secretName.test(name));
}
