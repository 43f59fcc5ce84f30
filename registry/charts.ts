import { createHash } from "node:crypto";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Response } from "undici";
import { z } from "zod";
import { PreconditionError } from "../diagnostics";
import { HttpClient } from "../network";
import { authoritiesFor } from "./authorities";
import { RegistryClient } from "./client";
import { refused, unreachable, withoutLogin } from "./failures";
import { type Credentials, loginFiles, loginTo } from "./logins";
import { ociReference, type OciReference } from "./reference";
import { registrySection } from "./section";

export { registrySection } from "./section";

/** A chart, as a Helm release names it. */
export interface ChartReference {
  /** An OCI URL, or the path of a packaged chart. */
  readonly chart: string;
  readonly version: string;
}

/** How a registry of charts is asked, beyond its address. */
export interface ChartRegistry {
  readonly username?: string | undefined;
  /** A secret. */
  readonly password?: string | undefined;
  /** The authority that its certificate is from: PEM, or the path of a file of it. */
  readonly ca?: string | undefined;
}

const timeouts = { connect: 10_000, stall: 30_000 };

/** Far more than any of Istio's charts, of which the largest has half a megabyte. */
const longestChart = 64 << 20;

const manifestType = "application/vnd.oci.image.manifest.v1+json";
const chartLayers: ReadonlySet<string> = new Set([
  "application/vnd.cncf.helm.chart.content.v1.tar+gzip",
  // Before Helm 3.7.
  "application/tar+gzip",
]);
const Manifest = z.object({
  layers: z.array(
    z.object({ mediaType: z.string(), digest: z.string().regex(/^sha256:[0-9a-f]{64}$/), size: z.number() }),
  ),
});

/** What has been pulled, by chart and version: the same for as long as the program runs. */
const pulled = new Map<string, Promise<string>>();

/**
 * A packaged chart as a file: one that is a file already as it is, and one of a registry pulled into a temporary folder, which goes
 * with the process.
 *
 * @returns The path of a .tgz.
 * @throws PreconditionError if it can't be had, with what is wrong and what to do.
 */
export async function provideChart(chart: ChartReference, registry: ChartRegistry = {}): Promise<string> {
  const reference = ociReference(chart.chart, chart.version);
  if (!reference) {
    if (!existsSync(chart.chart)) {
      throw new PreconditionError(`charts: ${chart.chart} does not exist. Put the chart there, or correct charts.`, [
        "docs/settings.md#charts",
      ]);
    }
    return chart.chart;
  }
  const key = JSON.stringify([reference, registry]);
  const file = pulled.get(key) ?? withRegistry(reference, registry, (pull) => pull.chart());
  pulled.set(key, file);
  try {
    return await file;
  } catch (error) {
    pulled.delete(key);
    throw error;
  }
}

/**
 * Makes sure that a registry has a chart and lets this user pull it. Of a chart that is a file, there is nothing to ask.
 *
 * @throws PreconditionError if not.
 */
export async function findChart(chart: ChartReference, registry: ChartRegistry = {}): Promise<void> {
  const reference = ociReference(chart.chart, chart.version);
  if (reference) {
    await withRegistry(reference, registry, (pull) => pull.look());
  }
}

async function withRegistry<Result>(
  reference: OciReference,
  registry: ChartRegistry,
  work: (pull: Pull) => Promise<Result>,
): Promise<Result> {
  const authorities = authoritiesFor(registry.ca);
  const credentials = await credentialsFor(reference, registry);
  try {
    return await HttpClient.with(
      timeouts,
      (http) => work(new Pull(new RegistryClient(http, reference, credentials), reference, credentials)),
      authorities,
    );
  } catch (error) {
    throw error instanceof PreconditionError ? error : unreachable(reference, error);
  }
}

/** Those of the settings; else the engineer's own login. */
async function credentialsFor({ host }: OciReference, registry: ChartRegistry): Promise<Credentials | undefined> {
  const { username, password } = registry;
  if (username !== undefined && password !== undefined) {
    return { username, password, from: "chartRegistry" };
  }
  try {
    return await loginTo(host, loginFiles());
  } catch (error) {
    throw withoutLogin(host, error);
  }
}

class Pull {
  constructor(
    private readonly client: RegistryClient,
    private readonly reference: OciReference,
    private readonly credentials: Credentials | undefined,
  ) {}

  async look(): Promise<void> {
    await this.manifest("HEAD");
  }

  async chart(): Promise<string> {
    const { host, repository, tag } = this.reference;
    const text = await bytesOf(await this.manifest("GET"), 4 << 20);
    const layer = layersIn(text.toString("utf8")).find(({ mediaType }) => chartLayers.has(mediaType));
    if (!layer) {
      throw new PreconditionError(
        `charts: ${repository}:${tag} of ${host} is no Helm chart. Push one there (helm push), or correct charts.`,
        registrySection,
      );
    }
    const response = await this.client.ask(`blobs/${layer.digest}`, "GET", "*/*");
    const bytes = await bytesOf(this.granted(response), longestChart);
    if (`sha256:${createHash("sha256").update(bytes).digest("hex")}` !== layer.digest) {
      throw new PreconditionError(
        `charts: what ${host} sends for ${repository}:${tag} does not have the digest that it promises, ${layer.digest}. Try ` +
          "again; if it stays so, push the chart anew.",
        registrySection,
      );
    }
    // By its digest: two registries may each have a chart of that name and version.
    const file = join(temporaryFolder(), `${layer.digest.slice("sha256:".length)}.tgz`);
    writeFileSync(file, bytes, { mode: 0o600 });
    return file;
  }

  private async manifest(method: "GET" | "HEAD"): Promise<Response> {
    return this.granted(await this.client.ask(`manifests/${this.reference.tag}`, method, manifestType));
  }

  private granted(response: Response): Response {
    if (!response.ok) {
      throw refused(this.reference, response.status, this.credentials?.from, loginFiles());
    }
    return response;
  }
}

function layersIn(text: string): z.output<typeof Manifest>["layers"] {
  try {
    return Manifest.safeParse(JSON.parse(text)).data?.layers ?? [];
  } catch {
    return [];
  }
}

async function bytesOf({ body }: Response, longest: number): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  let length = 0;
  for await (const part of body ?? []) {
    const bytes = part as Uint8Array;
    length += bytes.length;
    if (length > longest) {
      throw new Error(`it sends more than ${String(longest >> 20)} MiB`);
    }
    parts.push(bytes);
  }
  return Buffer.concat(parts);
}

let folder: string | undefined;

/** One for everything that this process pulls; it goes with the process. */
function temporaryFolder(): string {
  if (folder === undefined) {
    const made = mkdtempSync(join(tmpdir(), "flatmesh-charts-"));
    process.once("exit", () => {
      rmSync(made, { recursive: true, force: true });
    });
    folder = made;
  }
  return folder;
}
