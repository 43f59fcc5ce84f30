import { randomBytes, randomInt } from "node:crypto";
import { differ, withUnknown } from "../protocol/difference";
import type { Created, Provider, ResourceType } from "../protocol/provider";
import { asText, revealProps } from "../protocol/values";
import type { JsonObject, Props } from "../protocol/values";

/** Everything random is made once: any change of its inputs makes a new one. */
function once(outputs: readonly string[], make: (inputs: JsonObject) => Created): ResourceType {
  return {
    diff: (old, inputs) => differ(old.inputs, inputs, () => true),
    create: (inputs, call) => {
      if (call.preview) {
        return { id: "", state: withUnknown(inputs, outputs) };
      }
      const { id, state } = make(revealProps(inputs));
      return { id, state: { ...inputs, ...state } };
    },
  };
}

const randomId = once(["b64Std", "b64Url", "dec", "hex"], ({ byteLength, prefix }) => {
  const length = Number(byteLength);
  if (!Number.isInteger(length) || length < 1) {
    throw new Error(`byteLength must be a whole number of at least 1, not ${asText(byteLength)}.`);
  }
  const bytes = randomBytes(length);
  const hex = bytes.toString("hex");
  const start = typeof prefix === "string" ? prefix : "";
  const id = bytes.toString("base64url");
  return {
    id,
    state: {
      b64Std: start + bytes.toString("base64"),
      b64Url: start + id,
      dec: start + BigInt(`0x${hex}`).toString(),
      hex: start + hex,
    },
  };
});

const CLASSES = {
  lower: { characters: "abcdefghijklmnopqrstuvwxyz", minimum: "minLower" },
  upper: { characters: "ABCDEFGHIJKLMNOPQRSTUVWXYZ", minimum: "minUpper" },
  numeric: { characters: "0123456789", minimum: "minNumeric" },
  special: { characters: "!@#$%&*()-_=+[]{}<>:?", minimum: "minSpecial" },
};

const randomString = once(["result"], (inputs) => {
  const length = Number(inputs.length);
  const wanted = Object.entries(CLASSES)
    .filter(([name]) => (inputs[name] ?? (name === "numeric" ? inputs.number : undefined)) !== false)
    .map(([name, { characters, minimum }]) => ({
      characters:
        name === "special" && typeof inputs.overrideSpecial === "string" ? inputs.overrideSpecial : characters,
      minimum: Number(inputs[minimum] ?? 0),
    }));
  const least = wanted.reduce((sum, { minimum }) => sum + minimum, 0);
  if (!Number.isInteger(length) || length < Math.max(1, least)) {
    throw new Error(
      `length must be a whole number of at least ${String(Math.max(1, least))}, not ${asText(inputs.length)}.`,
    );
  }
  const all = wanted.map(({ characters }) => characters).join("");
  if (all === "") {
    throw new Error("A random string needs characters: let one of lower, upper, numeric or special be true.");
  }
  const drawn = wanted.flatMap(({ characters, minimum }) => Array.from({ length: minimum }, () => pick(characters)));
  while (drawn.length < length) {
    drawn.push(pick(all));
  }
  const result = shuffled(drawn).join("");
  return { id: result, state: { result, ...defaults(inputs) } };
});

/** The state names every choice, also the ones left out: real outputs do. */
function defaults(inputs: JsonObject): Props {
  const numeric = inputs.numeric ?? inputs.number ?? true;
  return {
    lower: inputs.lower ?? true,
    upper: inputs.upper ?? true,
    special: inputs.special ?? true,
    numeric,
    number: numeric,
    ...Object.fromEntries(Object.values(CLASSES).map(({ minimum }) => [minimum, inputs[minimum] ?? 0])),
  };
}

function pick(characters: string): string {
  return characters.charAt(randomInt(characters.length));
}

function shuffled(items: readonly string[]): string[] {
  const order = [...items];
  for (let last = order.length - 1; last > 0; last--) {
    const other = randomInt(last + 1);
    [order[last], order[other]] = [order[other] ?? "", order[last] ?? ""];
  }
  return order;
}

const TYPES = new Map([
  ["random:index/randomId:RandomId", randomId],
  ["random:index/randomString:RandomString", randomString],
]);

/** Random names. */
export const random: Provider = { name: "random", resource: (type) => TYPES.get(type) };
