import { readFile } from "node:fs/promises";
import { gunzipSync } from "node:zlib";
import { parseAllDocuments } from "yaml";
import { z } from "zod";
import { PreconditionError } from "../../diagnostics";
import { HttpClient, proxyFor } from "../../network";
import { channelAnnotation, Definition, gatewayGroup } from "./definition";

/** The section on which releases are known, and what to do for others. */
export const gatewayApiSection = "docs/settings.md#the-gateway-api";

/** What a manifest has to be a copy of. */
const wanted = "Point gatewayApi.manifests at a copy of the release's standard-install.yaml.";

/** More than ten times the largest release. */
const longestManifest = 16 << 20;

export function isUrl(source: string): boolean {
  return source.startsWith("https://");
}

/**
 * Reads the definitions of a manifest, a path or URL.
 *
 * @throws PreconditionError if it can't be loaded, or holds something else than a release's standard channel.
 */
export async function loadManifests(source: string): Promise<Definition[]> {
  return parseManifests(unzipped(await load(source), source), source);
}

/** How long a server may take, in milliseconds. */
const patience = 30_000;

async function load(source: string): Promise<Buffer> {
  try {
    if (!isUrl(source)) {
      return await readFile(source);
    }
    if (proxyFor(new URL(source)) === undefined) {
      return await contentOf(await fetch(source, { signal: AbortSignal.timeout(patience) }));
    }
    return await HttpClient.with({ connect: patience, stall: patience }, async (client) =>
      contentOf(await client.fetch(source, { signal: AbortSignal.timeout(patience) })),
    );
  } catch (error) {
    const cause =
      error instanceof Error ? (error.cause instanceof Error ? error.cause.message : error.message) : String(error);
    throw new PreconditionError(
      `gatewayApi: the Gateway API's definitions can't be loaded from ${source} (${cause}). Set gatewayApi.manifests to a ` +
        "path or an https URL of a copy of the release's standard-install.yaml, or leave it out: releases that come with the " +
        "program need no file.",
      gatewayApiSection,
    );
  }
}

async function contentOf(response: Pick<Response, "ok" | "status" | "statusText" | "arrayBuffer">): Promise<Buffer> {
  if (!response.ok) {
    throw new Error(`the server says ${String(response.status)} ${response.statusText}`.trimEnd());
  }
  return Buffer.from(await response.arrayBuffer());
}

function unzipped(content: Buffer, source: string): string {
  if (content[0] !== 0x1f || content[1] !== 0x8b) {
    return content.toString("utf8");
  }
  try {
    return gunzipSync(content, { maxOutputLength: longestManifest }).toString("utf8");
  } catch {
    throw refused(source, "is compressed with gzip, and can't be decompressed");
  }
}

const AnyObject = z.looseObject({ kind: z.string(), metadata: z.looseObject({ name: z.string() }).optional() });

/** Guards definitions against older releases and other channels. It comes with releases from v1.5 on, and is not installed. */
const guard = { name: `safe-upgrades.${gatewayGroup}`, kind: /^ValidatingAdmissionPolicy(Binding)?$/ };

/**
 * Reads the definitions of a release's standard channel. Its admission policy is left out, which would bind everybody who installs
 * definitions in the cluster. Anything else is refused: it would be unreviewed.
 */
export function parseManifests(text: string, source: string): Definition[] {
  const found = documents(text);
  if (found === undefined) {
    throw refused(source, notYaml(text));
  }
  const objects = found.filter((one) => {
    const { kind, metadata } = AnyObject.safeParse(one).data ?? {};
    return !(guard.kind.test(kind ?? "") && metadata?.name === guard.name);
  });
  if (objects.length === 0) {
    throw refused(source, "holds no definitions");
  }
  const definitions = objects.map((one) => {
    const { data } = Definition.safeParse(one);
    if (data === undefined) {
      throw refused(source, `does not hold the Gateway API's definitions alone: it has ${called(one)}`);
    }
    return data;
  });
  checkChannel(definitions, source);
  checkWhole(definitions, source);
  return definitions;
}

/** What experimental definitions lack is the promise that later releases take over what is stored by them. */
function checkChannel(definitions: readonly Definition[], source: string): void {
  const experimental = definitions.find(
    ({ metadata }) => (metadata.annotations?.[channelAnnotation] ?? "standard") !== "standard",
  );
  if (experimental !== undefined) {
    throw refused(
      source,
      `holds the ${experimental.metadata.annotations?.[channelAnnotation] ?? ""} channel of the Gateway API (such as ` +
        `${experimental.metadata.name}), and this program installs the standard channel: later releases may change or drop ` +
        "experimental fields that objects use. Existing clusters may have the experimental channel, installed by somebody else; it " +
        "is left alone there",
    );
  }
  const foreign = definitions.find(({ spec }) => spec.group !== gatewayGroup);
  if (foreign !== undefined) {
    throw refused(source, `has the definition ${foreign.metadata.name}, which is not of the API group ${gatewayGroup}`);
  }
}

/** A mesh needs its two kinds in the version that it declares them in. */
function checkWhole(definitions: readonly Definition[], source: string): void {
  for (const plural of ["gatewayclasses", "gateways"]) {
    const definition = definitions.find(({ metadata }) => metadata.name === `${plural}.${gatewayGroup}`);
    if (definition === undefined) {
      throw refused(source, `lacks the definition ${plural}.${gatewayGroup}, without which there is no mesh`);
    }
    if (!definition.spec.versions.some(({ name, served }) => name === "v1" && served)) {
      throw refused(
        source,
        `has the definition ${plural}.${gatewayGroup} without version v1, which the mesh needs, and releases have from v1.0.0 on`,
      );
    }
  }
  const names = definitions.map(({ metadata }) => metadata.name);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) {
    throw refused(source, `has the definition ${twice} twice`);
  }
}

/** The documents of a text; undefined if it is no YAML. */
function documents(text: string): unknown[] | undefined {
  const parsed = parseAllDocuments(text);
  const read = [...parsed];
  if (read.some(({ errors }) => errors.length > 0)) {
    return undefined;
  }
  const values = read.map((document): unknown => document.toJS());
  const objects = values.filter((value) => value !== null && value !== undefined);
  return objects.every((value) => typeof value === "object") ? objects : undefined;
}

/** Why a text is not the YAML of objects. */
function notYaml(text: string): string {
  if (/^\s*</.test(text)) {
    return "is a web page or XML, such as the sign-in page of a proxy, not YAML";
  }
  if (text.startsWith("version https://git-lfs.github.com/")) {
    return "is what Git LFS leaves in the place of a file (git lfs pull gets the file)";
  }
  return "is not the YAML of Kubernetes objects";
}

function called(value: unknown): string {
  const { kind, metadata } = AnyObject.safeParse(value).data ?? {};
  if (kind === undefined) {
    return "something that is no object";
  }
  const old = kind === "CustomResourceDefinition" ? ", which is incomplete or not of apiextensions.k8s.io/v1" : "";
  return `${kind} ${metadata?.name ?? "without a name"}${old}`;
}

function refused(source: string, problem: string): PreconditionError {
  return new PreconditionError(`gatewayApi: ${source} ${problem}. ${wanted}`, gatewayApiSection);
}
