import { isObject, isSecret, reveal } from "./values";
import type { Json, Props, Value } from "./values";

/** Shorter texts are no secrets worth the name, and would tear holes into every message. */
const SHORTEST = 4;

/** A tool's message without the secrets among the inputs it was given: templates like to quote them. */
export function redact(message: string, inputs: Props): string {
  return secretTexts(inputs)
    .filter((text) => text.length >= SHORTEST)
    .sort((left, right) => right.length - left.length)
    .reduce((rest, text) => rest.replaceAll(text, "[secret]"), message);
}

function secretTexts(value: Value): string[] {
  if (isSecret(value)) {
    return texts(reveal(value));
  }
  if (Array.isArray(value)) {
    return value.flatMap(secretTexts);
  }
  return isObject(value) ? Object.values(value).flatMap(secretTexts) : [];
}

function texts(value: Json): string[] {
  if (typeof value === "object" && value !== null) {
    return Object.values(value).flatMap(texts);
  }
  return value === null || typeof value === "boolean" ? [] : [String(value)];
}
