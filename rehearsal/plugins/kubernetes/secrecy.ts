import { hasSecret, isObject, isSecret, secret } from "../protocol/values";
import type { Props } from "../protocol/values";

/**
 * Marks in `plain` what was secret in `inputs`, and the contents of every Secret. Where an array held a secret anywhere
 * it becomes secret as a whole, since its order may have changed on the way.
 */
export function markSecrets(plain: Props, inputs: Props): Props {
  if (plain.kind === "Secret") {
    return wrap(plain, ["data", "stringData"]);
  }
  const marked = { ...plain };
  for (const [key, input] of Object.entries(inputs)) {
    const value = marked[key];
    if (value === undefined) {
      continue;
    }
    if (isObject(value) && isObject(input)) {
      marked[key] = markSecrets(value, input);
    } else if (!isSecret(value) && hasSecret(input)) {
      marked[key] = secret(value);
    }
  }
  return marked;
}

function wrap(props: Props, keys: readonly string[]): Props {
  const wrapped = { ...props };
  for (const key of keys) {
    const value = wrapped[key];
    if (value !== undefined && !isSecret(value)) {
      wrapped[key] = secret(value);
    }
  }
  return wrapped;
}
