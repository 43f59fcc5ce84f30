import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { parseAllDocuments } from "yaml";
import { z } from "zod";
import { PreconditionError } from "../diagnostics";
import type { Settings } from "../settings";

// No status: the release's files have an empty one, which must not be applied.
const Definition = z.object({
  apiVersion: z.literal("apiextensions.k8s.io/v1"),
  kind: z.literal("CustomResourceDefinition"),
  metadata: z.looseObject({ name: z.string(), annotations: z.record(z.string(), z.string()).optional() }),
  // The API server requires the parts named here; the rest is passed on as it is.
  spec: z.looseObject({
    group: z.string(),
    names: z.looseObject({ kind: z.string(), plural: z.string() }),
    scope: z.string(),
    versions: z.array(z.looseObject({ name: z.string(), served: z.boolean(), storage: z.boolean() })),
  }),
});
/** A CustomResourceDefinition from a release of the Gateway API. */
export type Definition = z.infer<typeof Definition>;

/**
 * Digests of the standard channel's definitions, by release: `digestOf` of the definitions in the Go module of that version, which
 * Go's checksum database vouches for. `npm run maintain -- gateway-api-digest RELEASE` prints the line of another release. Renovate
 * proposes releases by the comment below the list, which names the newest one.
 */
const releases: Readonly<Record<string, string>> = {
  "v1.4.0": "4d8b16f703027c7396b237046207c611e3ef768bcf309a582339d7b47b405775",
  "v1.4.1": "98f55b51e3ae7ca981e66d48184d283bcf0d0904e8fb8b252ef1e13836515aa8",
  // newest: v1.4.1
};

/** The releases whose definitions can be verified, the oldest first. */
export const knownReleases: readonly string[] = Object.keys(releases);

/** The section on which releases are known, and what to do for others. */
const gatewayApiSection = "docs/settings.md#the-gateway-api";

/**
 * Loads the definitions of the Gateway API's standard channel, from the release itself or from a mirror (path or URL). Their digest
 * has to be the release's; only a local file may be of a release that is not known here.
 *
 * @throws PreconditionError if they can't be loaded or are not those of the version, with what to set.
 */
export async function gatewayApiDefinitions(gatewayApi: Settings["gatewayApi"]): Promise<Definition[]> {
  const { version } = gatewayApi;
  const source = gatewayApi.manifests ?? releaseUrl(version);
  const expected = releases[version];
  if (expected === undefined && isUrl(source)) {
    throw new PreconditionError(
      `gatewayApi: the digest of ${version} is not known, so what ${source} sends can't be verified. Use ` +
        `${knownReleases.join(" or ")}, or keep a reviewed copy of the release's standard-install.yaml next to the ` +
        "stack's settings and give its path in gatewayApi.manifests.",
      gatewayApiSection,
    );
  }
  const definitions = parseDefinitions(await load(source), source);
  const digest = digestOf(definitions);
  if (expected !== undefined && digest !== expected) {
    throw new PreconditionError(
      `gatewayApi: ${source} does not hold the standard channel of ${version}: digest ${digest}, expected ${expected}. ` +
        "Point gatewayApi.manifests at an unchanged copy of that release's standard-install.yaml.",
      gatewayApiSection,
    );
  }
  return definitions;
}

function isUrl(source: string): boolean {
  return source.startsWith("https://");
}

/**
 * SHA-256 over the definitions, sorted by name and with sorted keys: comments and the order of a file don't count, everything that
 * reaches a cluster does.
 */
export function digestOf(definitions: readonly Definition[]): string {
  const ordered = definitions.toSorted((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1));
  return createHash("sha256")
    .update(JSON.stringify(ordered.map(sorted)))
    .digest("hex");
}

/** Reads the definitions from a manifest. Anything else in it is refused: it would be unreviewed. */
export function parseDefinitions(text: string, source: string): Definition[] {
  const read = z.array(Definition).min(1).safeParse(documents(text));
  if (!read.success) {
    throw new PreconditionError(
      `gatewayApi: ${source} is not a list of CustomResourceDefinitions in YAML. Point gatewayApi.manifests at a copy of ` +
        "the release's standard-install.yaml.",
      gatewayApiSection,
    );
  }
  return read.data;
}

function documents(text: string): unknown[] {
  return parseAllDocuments(text).flatMap((document) => {
    const value: unknown = document.errors.length > 0 ? "unreadable" : document.toJS();
    return value === null || value === undefined ? [] : [value];
  });
}

function releaseUrl(version: string): string {
  return `https://github.com/kubernetes-sigs/gateway-api/releases/download/${version}/standard-install.yaml`;
}

async function load(source: string): Promise<string> {
  try {
    if (!isUrl(source)) {
      return await readFile(source, "utf8");
    }
    const response = await fetch(source, { signal: AbortSignal.timeout(30_000) });
    if (!response.ok) {
      throw new Error(`the server says ${String(response.status)} ${response.statusText}`);
    }
    return await response.text();
  } catch (error) {
    const cause =
      error instanceof Error ? (error.cause instanceof Error ? error.cause.message : error.message) : String(error);
    throw new PreconditionError(
      `gatewayApi: the Gateway API's definitions can't be loaded from ${source} (${cause}). Set gatewayApi.manifests to a ` +
        "path or an https URL of a copy of the release's standard-install.yaml.",
      gatewayApiSection,
    );
  }
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) {
    return value.map(sorted);
  }
  if (typeof value === "object" && value !== null) {
    return Object.fromEntries(
      Object.entries(value)
        .toSorted(([a], [b]) => (a < b ? -1 : 1))
        .map(([key, entry]) => [key, sorted(entry)]),
    );
  }
  return value;
}
