import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { z } from "zod";
import { ownValues, plannedWorkloads } from "../../chart-values";
import { projectName } from "../../files";
import { inClusterKubeconfig, ownAccess } from "../../kubernetes";
import { kubeconfigIn } from "../../stacks";
import {
  encryptedPaths,
  inCluster,
  ofNamespace,
  parseSettings,
  type Path,
  rehearsalConfig,
  SettingsError,
} from "../../settings";
import { installPlan } from "../../readiness";
import type { Cluster } from "../inventory";
import { type Source, SourceError } from "./source";
import { byContext, reachedBy, unreachable } from "./from-contexts";
import { askPulumi } from "./pulumi";

const Clusters = z.array(
  z.looseObject({
    name: z.string(),
    provisioner: z.string(),
    kubeconfig: z.unknown().optional(),
    context: z.string().optional(),
  }),
);

/**
 * The clusters that a stack's settings name, before it is deployed. Those that the stack makes are not there yet: of them only
 * the subnets are known.
 *
 * @throws SourceError where there are no such settings, or they have problems.
 */
export async function fromSettings(folder: string, stack: string): Promise<Source> {
  const { config, secretPaths } = await configOf(folder, stack);
  try {
    // Licence and repo key need not be there yet: placeholders do.
    const settings = parseSettings(rehearsalConfig(config).config, { secretPaths });
    const { clusters, network, trustDomain, distribution, istioVersion } = settings;
    const given = Clusters.parse(JSON.parse(config["clusters"] ?? "[]"));
    return {
      kind: "settings",
      name: stack,
      mesh: {
        clusters: await Promise.all(
          given
            .filter(({ provisioner }) => provisioner === "existing")
            .map(async (cluster) => clusterOf(await withText(folder, cluster))),
        ),
        expected: {
          network,
          trustDomain,
          distribution,
          version: istioVersion,
          plans: Object.fromEntries(
            clusters.map(({ name, platform, podSubnet, serviceSubnet, eastWestGateway }) => {
              const subnets = knowsSubnets(given, name) ? { podSubnet, serviceSubnet } : {};
              const workloads = plannedWorkloads(ownValues(settings, name));
              return [name, installPlan(settings, { platform, eastWestGateway, ...subnets }, workloads)];
            }),
          ),
          installed: await installedIn(folder, stack),
          subnets: Object.fromEntries(
            clusters
              .filter(({ name }) => knowsSubnets(given, name))
              .map(({ name, podSubnet, serviceSubnet }) => [name, { pods: podSubnet, services: serviceSubnet }]),
          ),
        },
      },
    };
  } catch (error) {
    if (error instanceof SettingsError) {
      throw new SourceError(error.message);
    }
    throw error;
  }
}

/** The clusters that the stack's outputs have: its mesh is in them. */
async function installedIn(folder: string, stack: string): Promise<string[]> {
  const answer = await askPulumi(folder, ["stack", "output", "--json", "--stack", stack]);
  const StackOutputs = z.object({ clusters: z.record(z.string(), z.unknown()) });
  return "value" in answer ? Object.keys(StackOutputs.safeParse(answer.value).data?.clusters ?? {}) : [];
}

/** What is planned for a cluster that a rehearsal makes is not what an existing one has. */
function knowsSubnets(given: z.output<typeof Clusters>, name: string): boolean {
  const cluster = given.find((one) => one.name === name);
  return cluster?.provisioner !== "existing" || "podSubnet" in cluster;
}

type GivenCluster = z.output<typeof Clusters>[number];

/** A cluster whose kubeconfig is an output of another stack, with that; with the reason where it can't be read. */
async function withText(folder: string, cluster: GivenCluster): Promise<GivenCluster & { readonly reason?: string }> {
  const source = z.object({ stack: z.string(), output: z.string() }).safeParse(cluster.kubeconfig).data;
  if (source === undefined) {
    return cluster;
  }
  const answer = await askPulumi(folder, ["stack", "output", "--json", "--show-secrets", "--stack", source.stack]);
  const outputs = "value" in answer ? z.record(z.string(), z.unknown()).safeParse(answer.value).data : undefined;
  const read = "reason" in answer ? { missing: `can't be read: ${answer.reason}` } : kubeconfigIn(source, outputs);
  const of = `its kubeconfig, output ${source.output} of stack ${source.stack},`;
  return "text" in read
    ? { ...cluster, kubeconfig: read.text }
    : { ...cluster, reason: `${of} ${"missing" in read ? read.missing : read.wrong}` };
}

function clusterOf({ name, kubeconfig, context, reason }: Awaited<ReturnType<typeof withText>>): Cluster {
  if (reason !== undefined) {
    return unreachable(name, reason);
  }
  if (kubeconfig === inCluster) {
    return reachedBy(name, () => ownAccess(inClusterKubeconfig("its kubeconfig"), "its kubeconfig"));
  }
  if (typeof kubeconfig === "string") {
    return reachedBy(name, () => ownAccess(kubeconfig, "its kubeconfig in the settings", context));
  }
  return kubeconfig !== undefined || context === undefined
    ? unreachable(
        name,
        "its kubeconfig is encrypted, and Pulumi can't decrypt it: pulumi has to be on the PATH, and logged in",
      )
    : byContext(name, context);
}

/** A stack's settings, and what of them is encrypted. */
interface StackConfig {
  readonly config: Readonly<Record<string, string>>;
  readonly secretPaths: readonly Path[];
}

/** The stack's settings as Pulumi has them, secrets in the clear; as its file has them where it can't be asked. */
async function configOf(folder: string, stack: string): Promise<StackConfig> {
  const project = projectName(folder);
  const answer = await askPulumi(folder, ["config", "--json", "--show-secrets", "--stack", stack]);
  const ConfigOutput = z.record(
    z.string(),
    z.object({ value: z.string().default(""), secret: z.boolean().default(false) }),
  );
  const values = "value" in answer ? ConfigOutput.safeParse(answer.value).data : undefined;
  if (values) {
    const all = Object.entries(values);
    const config = ofNamespace(Object.fromEntries(all.map(([key, { value }]) => [key, value])), project);
    const secrets = ofNamespace(Object.fromEntries(all.filter(([, one]) => one.secret)), project);
    const inFile = ofNamespace(fileOf(folder, stack)?.config ?? {}, project);
    return { config, secretPaths: Object.keys(secrets).flatMap((key) => secretsIn(key, inFile[key], config[key])) };
  }
  const file = `Pulumi.${stack}.yaml`;
  try {
    const { config, environment } = StackFile.parse(parse(readFileSync(join(folder, file), "utf8")));
    if (environment !== undefined) {
      const reason = "reason" in answer ? answer.reason : "its answer has an unknown form";
      throw new SourceError(
        `Stack ${stack} takes settings from an environment of Pulumi ESC, which pulumi config would open, and that fails: ${reason}. ` +
          "Make sure that pulumi is on the PATH and logged in, or name the clusters: npm run check -- --precheck --contexts A,B",
      );
    }
    const texts = Object.entries(config).map(([key, value]): [string, string] => [
      key,
      typeof value === "string" ? value : JSON.stringify(value),
    ]);
    return { config: ofNamespace(Object.fromEntries(texts), project), secretPaths: [] };
  } catch (error) {
    if (error instanceof SourceError) {
      throw error;
    }
    throw new SourceError(
      `There are no settings of stack ${stack}: ${file} does not exist, or is not YAML with keys below config:. Create it, or name the ` +
        "clusters: npm run check -- --precheck --contexts A,B",
    );
  }
}

const StackFile = z.object({
  config: z.record(z.string(), z.unknown()).default({}),
  environment: z.unknown().optional(),
});

function fileOf(folder: string, stack: string): z.output<typeof StackFile> | undefined {
  try {
    return StackFile.parse(parse(readFileSync(join(folder, `Pulumi.${stack}.yaml`), "utf8")));
  } catch {
    return undefined;
  }
}

/** Where in an encrypted key what is encrypted stands: the whole key where the stack's file does not say it. */
function secretsIn(key: string, inFile: unknown, text = ""): Path[] {
  try {
    return encryptedPaths(inFile, JSON.parse(text)).map((path) => [key, ...path]);
  } catch {
    return [[key]];
  }
}
