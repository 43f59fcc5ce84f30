import { z } from "zod";

/**
 * Names as Kubernetes gives them to objects, and no other words: they stand in paths, in commands that are advised, and in
 * reports. Most are DNS names; those of roles have colons.
 */
export const objectName = z.string().regex(/^[A-Za-z0-9][\w.:-]{0,252}$/);

/** Name of a namespace; empty for what is in none. */
export const namespaceName = z.string().regex(/^(?:[a-z0-9][a-z0-9-]{0,62})?$/);

/** Key of a ConfigMap or Secret. */
export const dataKey = z.string().regex(/^[\w.-]{1,253}$/);
