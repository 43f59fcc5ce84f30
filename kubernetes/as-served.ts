type Fields = Readonly<Record<string, unknown>>;

/**
 * A declared object as the API server takes it. Pulumi's states have the extensions of a definition's schema with underscores; and a
 * Secret's `stringData` becomes data: by server-side apply, it would stay beside that.
 */
export function asServed<Declared extends Fields>(object: Declared): Declared {
  const { kind, stringData } = object;
  if (kind === "CustomResourceDefinition") {
    return withDashes(object) as Declared;
  }
  if (kind !== "Secret" || typeof stringData !== "object" || stringData === null) {
    return object;
  }
  const encoded = Object.entries(stringData).map(([key, text]) => [key, Buffer.from(String(text)).toString("base64")]);
  const data = { ...(object["data"] as object | undefined), ...(Object.fromEntries(encoded) as object) };
  return { ...object, data, stringData: undefined };
}

function withDashes(value: unknown): unknown {
  if (Array.isArray(value)) {
    return value.map(withDashes);
  }
  return typeof value === "object" && value !== null
    ? Object.fromEntries(
        Object.entries(value).map(([key, entry]) => [
          key.startsWith("x_kubernetes_") ? key.replaceAll("_", "-") : key,
          withDashes(entry),
        ]),
      )
    : value;
}
