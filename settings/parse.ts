import { readFileSync } from "node:fs";
import * as pulumi from "@pulumi/pulumi";
import { parse as parseYaml } from "yaml";
import { z } from "zod";
import { chartSettings, chartSettingsOf, checkChartSettings } from "./chart-settings";
import { checkKindSettings, checkNames, checkSomeCluster } from "./clusters";
import { warn } from "../diagnostics";
import { checkDistribution, defaultVersion, registries } from "./distribution";
import { mergedEastWestGateway } from "./east-west-gateway";
import { encryptedPaths, type Path } from "./encrypted";
import { reportTo } from "./formats";
import { configIssues, isMap, type PartialConfig, partialConfig, type Report, SettingsError } from "./issues";
import { checkExistingClusters, givenKubeconfig } from "./kubeconfig-sources";
import { checkLinks, checkPeers } from "./links";
import { checkManifests, manifestsOf } from "./manifests";
import { checkOwnValues } from "./own-values";
import { checkRegistries } from "./registries";
import { schemaAt } from "./reference";
import { checkRootOfStack, resolveRoot } from "./root";
import { defaultTokenDays, keys, type StackInput } from "./schema";
import type { ClusterSettings, Settings } from "./settings";
import { checkSubnets, type ClusterSubnets, parseSubnet, planAddresses, subnetRequest, subnetText } from "./subnets";

/** Configuration of the `flatmesh:` namespace: key without prefix → text as Pulumi has it. */
export type Config = Readonly<Record<string, string>>;

export interface ParseOptions {
  /** Full name of the stack that the settings are of, so that it isn't named as its own peer. */
  readonly stack?: string;
  /** When a given root must still be valid; now, if left out. */
  readonly now?: Date;
  /** What of the settings is encrypted in the stack's configuration, by the keys that lead to it. */
  readonly secretPaths?: readonly Path[];
}

/**
 * Reads a stack's settings.
 *
 * @param config Every key of the `flatmesh:` namespace, without that prefix → its text as Pulumi has it: JSON for lists,
 * maps and booleans, anything else as it is.
 * @throws SettingsError with everything that is wrong.
 */
export function parseSettings(config: Config, options: ParseOptions = {}): Settings {
  const given = decode(config);
  const schema = z.strictObject(keys).superRefine(
    (read, context) => {
      checkTogether(partialConfig(given, read, context.issues), options, reportTo(context));
    },
    // By default, zod skips this after any other issue; all of them are to be reported together.
    { when: () => true },
  );
  // Where the schema has no message of its own, configIssues writes it.
  const { data, error } = schema.safeParse(given, { reportInput: true, error: () => "" });
  if (error) {
    throw new SettingsError(configIssues(error.issues));
  }
  return resolve(data, options);
}

/** What the values have to be in view of one another. */
function checkTogether(config: PartialConfig, { stack, now = new Date() }: ParseOptions, report: Report): void {
  checkSomeCluster(config, report);
  checkNames(config, report);
  checkExistingClusters(config, stack, report);
  checkSubnets(config, report);
  checkDistribution(config, report);
  checkRegistries(config, report);
  checkLinks(config, report);
  checkPeers(config, stack, report);
  checkRootOfStack(config, stack, now, report);
  checkKindSettings(config, report);
  checkChartSettings(config, report);
  checkOwnValues(config, report);
  checkManifests(config, report);
}

/**
 * From Pulumi's texts to values. A text that is no JSON stays as it is, for the schema to judge. Declared defaults can't be
 * "none": of a key that has no other default, the empty text, list or map stands for one that is left out. Of any other key only
 * the stack itself can have given the empty text.
 */
function decode(config: Config): Readonly<Record<string, unknown>> {
  const values = Object.entries(config).map(([key, text]) => [key, decodeValue(key, text)] as const);
  return Object.fromEntries(values.filter(([, value]) => value !== undefined));
}

function decodeValue(key: string, text: string): unknown {
  const { properties = {}, required = [] } = schemaAt([]);
  const schema = Object.hasOwn(properties, key) ? properties[key] : undefined;
  if (!schema) {
    return text;
  }
  const optional = schema.default === undefined && !required.includes(key);
  if (text === "" && schema.default === undefined) {
    return undefined;
  }
  if (schema.type === "string") {
    return text;
  }
  try {
    const value: unknown = JSON.parse(text);
    return optional && isMap(value) && Object.keys(value).length === 0 ? undefined : value;
  } catch {
    return text;
  }
}

/** Works out what follows from other settings. */
function resolve(input: StackInput, { secretPaths = [] }: ParseOptions): Settings {
  const { distribution, istioVersion = defaultVersion[distribution], repoKey } = input;
  const own = registries(distribution, istioVersion, repoKey);
  const kind = input.clusters.some(({ provisioner }) => provisioner === "kind");
  // Control planes of Solo's mesh find each other through east-west Gateways, which need addresses.
  const needsLoadBalancers = kind && distribution === "solo";
  const subnetRequests = input.clusters.map(subnetRequest);
  const subnets = planAddresses(parseSubnet(input.addressPool), subnetRequests);
  return {
    clusters: input.clusters.map((cluster, index) =>
      withEastWestGateway(withSubnets(cluster, subnets[index]), input.eastWestGateway),
    ),
    uniqueNames: input.uniqueNames,
    addressPool: input.addressPool,
    subnetRequests,
    network: input.network,
    trustDomain: input.trustDomain,
    distribution,
    istioVersion,
    variant: input.variant,
    license: licenseOf(input),
    charts: input.charts?.replace(/^(oci:\/\/.*?)\/*$/, "$1") ?? own.charts,
    images: input.images?.replace(/\/+$/, "") ?? own.images,
    chartRegistry: input.chartRegistry,
    imageDigests: input.imageDigests,
    imagePullSecrets: input.imagePullSecrets,
    gatewayApi: input.gatewayApi,
    links: input.links,
    linkMethod: input.linkMethod,
    remoteAccess: input.remoteAccess ?? { renewAfterDays: defaultTokenDays },
    peerStacks: input.peerStacks,
    requirePeers: input.requirePeers,
    root: resolveRoot(input.root),
    loadBalancer: loadBalancerOf(input.loadBalancer ?? (needsLoadBalancers ? "cloud-provider-kind" : "none")),
    keepsLoadBalancers: input.loadBalancer === undefined && kind && !needsLoadBalancers,
    detectDrift: input.detectDrift,
    preloadImages: input.preloadImages,
    contexts: input.contexts,
    manifests: manifestsOf(input.manifests),
    demo: input.demo === true ? { sidecars: false } : input.demo,
    chartSettings: chartSettingsOf(input),
    secretPaths,
  };
}

function licenseOf({ license, licenseSecretRef }: StackInput): Settings["license"] {
  if (license !== undefined) {
    return { value: license };
  }
  return licenseSecretRef && { secretRef: licenseSecretRef };
}

function loadBalancerOf(given: NonNullable<StackInput["loadBalancer"]>): Settings["loadBalancer"] {
  return given === "cloud-provider-kind" ? {} : given;
}

function withSubnets(cluster: StackInput["clusters"][number], planned: ClusterSubnets = {}): ClusterSettings {
  if (cluster.provisioner === "existing") {
    return cluster;
  }
  const { podSubnet, serviceSubnet } = planned;
  if (!podSubnet || !serviceSubnet) {
    throw new Error(`${cluster.name} has no subnets, although no issue was found: a bug in the address plan`);
  }
  return { ...cluster, podSubnet: subnetText(podSubnet), serviceSubnet: subnetText(serviceSubnet) };
}

/** What the stack says of all east-west Gateways, and the cluster of its own. */
function withEastWestGateway(cluster: ClusterSettings, ofStack: StackInput["eastWestGateway"]): ClusterSettings {
  const eastWestGateway = mergedEastWestGateway(ofStack, cluster.eastWestGateway);
  return eastWestGateway === undefined ? cluster : { ...cluster, eastWestGateway };
}

/** The namespace of settings in every document, whatever the name of the project. */
const namespace = "flatmesh";

/**
 * Settings of the stack that the program runs for, from its configuration.
 *
 * @throws SettingsError with everything that is wrong.
 */
export function stackSettings(): Settings {
  const [config, project] = [pulumi.runtime.allConfig(), pulumi.getProject()];
  const usedKey = (key: string) => (`${namespace}:${key}` in config ? `${namespace}:${key}` : `${project}:${key}`);
  const given = ofNamespace(config, project);
  const encrypted = Object.keys(given).filter((key) => isEncrypted(usedKey(key)) === true);
  const settings = parseSettings(given, {
    stack: `${pulumi.getOrganization()}/${project}/${pulumi.getStack()}`,
    secretPaths: secretPathsOf(encrypted, given, project),
  });
  for (const used of Object.keys(keys).filter(holdsNoSecret).map(usedKey)) {
    if (isEncrypted(used) === true) {
      warn(
        `${used} is encrypted in the stack's file, and nowhere else: plans, state and clusters have it in plain text. ` +
          "Set it without --secret, or take what is secret out of it.",
      );
    }
  }
  for (const used of secretKeys(settings).map(usedKey)) {
    if (isEncrypted(used) === false) {
      warn(
        `${used} ${notEncrypted}: anyone who reads the stack's file has it. Set it with ` +
          "`pulumi config set --secret` (add --path for a part of a list or map).",
      );
    }
  }
  return settings;
}

/** What is said of a key. */
export const notEncrypted = "holds a secret that is not encrypted";

/** Where in encrypted keys what is encrypted stands; the whole key where nobody knows. */
function secretPathsOf(keys: readonly string[], given: Config, project: string): readonly Path[] {
  const inFile = ofNamespace(stackFileConfig(`Pulumi.${pulumi.getStack()}.yaml`), project);
  return keys.flatMap((key) =>
    encryptedPaths(inFile[key], decodeValue(key, given[key] ?? "")).map((path) => [key, ...path]),
  );
}

/** Empty where the stack has its configuration from elsewhere. */
function stackFileConfig(file: string): Readonly<Record<string, unknown>> {
  try {
    const content: unknown = parseYaml(readFileSync(file, "utf8"));
    return isMap(content) && isMap(content["config"]) ? content["config"] : {};
  } catch {
    return {};
  }
}

/** The SDK's own test, which its declarations leave out; without it, nobody knows. */
function isEncrypted(key: string): boolean | undefined {
  const { isConfigSecret } = pulumi.runtime as { readonly isConfigSecret?: (key: string) => boolean };
  return isConfigSecret?.(key);
}

/** Whether a key has nothing that belongs encrypted. */
function holdsNoSecret(key: string): boolean {
  const some = ["license", "root", "clusters", "repoKey", "chartRegistry", "imagePullSecrets"];
  return ![...some, ...Object.keys(chartSettings)].includes(key);
}

/** The keys whose values hold a secret. */
function secretKeys(settings: Settings): string[] {
  const { license, root, clusters, chartRegistry, imagePullSecrets, chartSettings: ofStack } = settings;
  return [
    ...(license !== undefined && "value" in license ? ["license"] : []),
    ...(root.source === "given" ? ["root"] : []),
    ...(clusters.some(
      (one) => hasProxyLogin(one) || (one.provisioner === "existing" && givenKubeconfig(one.kubeconfig) !== undefined),
    )
      ? ["clusters"]
      : []),
    ...(hasProxyLogin(ofStack) ? ["httpProxy"] : []),
    ...(chartRegistry?.password === undefined ? [] : ["chartRegistry"]),
    ...(imagePullSecrets.some(({ registry }) => registry !== undefined) ? ["imagePullSecrets"] : []),
  ];
}

/** `http://user:password@proxy:3128` */
function hasProxyLogin({ httpProxy }: Pick<Settings["chartSettings"], "httpProxy">): boolean {
  return [httpProxy?.http, httpProxy?.https].some((url) => url?.includes("@"));
}

/**
 * The settings in a whole configuration, by their keys without a namespace.
 *
 * A project that `pulumi new` has made may have another name than this one's. Pulumi then takes a key without a namespace, which
 * is how Pulumi.yaml declares them, for one of that name. Such keys count too, but a `flatmesh:` key takes precedence: the
 * other one may be no more than a declared default.
 *
 * @param project Name of the Pulumi project.
 */
export function ofNamespace<Value>(
  config: Readonly<Record<string, Value>>,
  project = namespace,
): Readonly<Record<string, Value>> {
  const settings = Object.entries(config).map(([key, value]) => {
    const [prefix = "", ...rest] = key.includes(":") ? key.split(":") : [project, key];
    return { prefix, key: rest.join(":"), value };
  });
  return Object.fromEntries(
    [project, namespace].flatMap((wanted) =>
      settings.filter(({ prefix }) => prefix === wanted).map(({ key, value }) => [key, value] as const),
    ),
  );
}
