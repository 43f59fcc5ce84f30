/** The section on charts of private registries. */
export const registrySection = "docs/registries.md#charts-from-a-private-registry";
