import { z } from "zod";

/** The outputs of each resource of a stack, by {@link resourceKey}. */
export type StackState = ReadonlyMap<string, unknown>;

/** The key of a resource in a {@link StackState}. */
export function resourceKey(type: string, name: string): string {
  return `${type} ${name}`;
}

/** The key of the resource with this URN, which ends in the resource's name. */
export function keyOfUrn(type: string, urn: string): string {
  return resourceKey(type, urn.split("::").slice(3).join("::"));
}

const Exported = z.object({
  deployment: z
    .object({
      resources: z.array(z.object({ urn: z.string(), type: z.string(), outputs: z.unknown().optional() })).default([]),
    })
    .nullish(),
});

/** Key and value by which Pulumi marks a secret in a state. */
export const secretMark = ["4dabf18193072939515e22adb298388d", "1b47061264138c4ac30d75fd1eb44270"] as const;

/** Whether an object in a state is a secret. */
export function isSecret(value: object): boolean {
  return Object.entries(value).some(([key, entry]) => key === secretMark[0] && entry === secretMark[1]);
}

/**
 * The state of a stack from what `pulumi stack export --show-secrets` or the Automation API prints, secrets in the clear; undefined
 * if that is not a state. Of two resources with one name the first counts: the others are about to be deleted.
 */
export function exportedState(exported: unknown): StackState | undefined {
  const { deployment } = Exported.safeParse(exported).data ?? {};
  if (!deployment) {
    return undefined;
  }
  const state = new Map<string, unknown>();
  for (const { urn, type, outputs } of deployment.resources) {
    const key = keyOfUrn(type, urn);
    if (!state.has(key)) {
      state.set(key, inTheClear(outputs));
    }
  }
  return state;
}

const Plain = z.object({ plaintext: z.string() });

/** A secret's plain text is JSON; one that is still encrypted becomes undefined. */
export function inTheClear(value: unknown): unknown {
  if (Array.isArray(value)) {
    return value.map(inTheClear);
  }
  if (typeof value !== "object" || value === null) {
    return value;
  }
  if (isSecret(value)) {
    const { plaintext } = Plain.safeParse(value).data ?? {};
    return plaintext === undefined ? undefined : inTheClear(JSON.parse(plaintext));
  }
  return Object.fromEntries(Object.entries(value).map(([key, entry]) => [key, inTheClear(entry)]));
}
