import { z } from "zod";
import { asServed, isOfCreation, isPrepared, managedFieldsSchema } from "../../kubernetes";

const Live = z.looseObject({
  metadata: z.looseObject({
    deletionTimestamp: z.string().optional(),
    managedFields: managedFieldsSchema,
  }),
});

/** What identifies an object, and what nobody owns. */
const unmarked = [["apiVersion"], ["kind"], ["status"], ["metadata", "name"], ["metadata", "namespace"]];

/**
 * Whether an object is exactly as an interrupted update has made it: Pulumi's provider manages everything that the inputs declare,
 * and it still has those values. Whatever somebody else has since changed is managed by them; an object of another stack has other
 * values, unless it declares the very same. What was prepared for being taken over, when an update was killed again, has that mark.
 *
 * @param object What the API server has.
 * @param inputs Of the pending operation, in the clear. Nothing of them is shown.
 */
export function isMadeOf(object: unknown, inputs: Readonly<Record<string, unknown>>): boolean {
  const live = Live.safeParse(object).data;
  if (live === undefined || live.metadata.deletionTimestamp !== undefined) {
    return false;
  }
  const { managedFields } = live.metadata;
  const fields = managedFields.filter(isOfCreation).map(({ fieldsV1 }) => fieldsV1);
  const declared = asServed(inputs);
  // An account that declares nothing but its name has no fields, and so no mark: nobody else may have marked it either.
  const marked = fields.length > 0 || (managedFields.length === 0 && owns([], declared, []));
  return (fields.some(isPrepared) || (marked && owns(fields, declared, []))) && contains(live, declared);
}

/** @param fields Sets of fields as `fieldsV1` has them: `f:<key>` within `f:<key>`. A list, or a map without any, is one field. */
function owns(
  fields: readonly unknown[],
  declared: Readonly<Record<string, unknown>>,
  path: readonly string[],
): boolean {
  return Object.entries(declared).every(([key, value]) => {
    const place = [...path, key];
    if (isNothing(value) || key.startsWith("__") || unmarked.some((one) => one.join("/") === place.join("/"))) {
      return true;
    }
    const inner = fields.flatMap((set) => (isMap(set) && `f:${key}` in set ? [set[`f:${key}`]] : []));
    const divided = inner.some((set) => isMap(set) && Object.keys(set).some((one) => one.startsWith("f:")));
    // What has neither labels nor annotations has no fields of its metadata.
    const entered = divided || place.join("/") === "metadata";
    return entered && isMap(value) ? owns(inner, value, place) : inner.length > 0;
  });
}

/** Whether everything that is declared has its value; an API server adds defaults. */
function contains(live: unknown, declared: unknown): boolean {
  if (isNothing(declared)) {
    return isNothing(live) || (isMap(live) && isMap(declared));
  }
  if (Array.isArray(declared)) {
    return (
      Array.isArray(live) &&
      live.length === declared.length &&
      declared.every((one, index) => contains(live[index], one))
    );
  }
  if (isMap(declared)) {
    return Object.entries(declared).every(
      ([key, value]) =>
        key.startsWith("__") || key === "status" || contains(isMap(live) ? live[key] : undefined, value),
    );
  }
  return live === declared;
}

/** What an API server leaves out. */
function isNothing(value: unknown): boolean {
  return (
    value === undefined ||
    value === null ||
    value === "" ||
    (Array.isArray(value) && value.length === 0) ||
    (isMap(value) && Object.keys(value).length === 0)
  );
}

function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
