import { isIP } from "node:net";
import { z } from "zod";
import { PreconditionError } from "../../diagnostics";
import {
  containerNetworkIn,
  contextName,
  type Distribution,
  dnsLabel,
  dnsName,
  firstRoot,
  fitsMadeCluster,
  hostAddress,
  labelValue,
  longestClusterName,
  parseSubnet,
  rootNameText,
  stackName,
  subnet,
  subnetText,
} from "../../settings";
import type { StackOutputs } from "../outputs";
import { readAuthorities } from "./pem";
import { Reading } from "./reading";
import {
  meshPeerOutput,
  meshPeerVersion,
  type PeerRoots,
  type Told,
  type ToldAddress,
  type ToldCluster,
  type ToldKind,
} from "./types";

/** More than a mesh can have: links grow with the square of the clusters. */
export const mostClusters = 1000;
/** A cluster's name: what is named after it has 63 characters at most. */
export const clusterName = dnsLabel.max(longestClusterName, {
  error: `has more than the ${String(longestClusterName)} characters that a cluster's name can have`,
});
/** More than a stack ever trusts at a time. */
const mostRoots = 8;

/** `<project>/<stack>`, or an identifier. No part begins with a dot: it may become a part of a path. */
const owner = z.string().regex(/^[A-Za-z0-9_-][A-Za-z0-9._-]*(\/[A-Za-z0-9_-][A-Za-z0-9._-]*)?$/, {
  error: "is no owner of clusters",
});

const distributions: readonly Distribution[] = ["solo", "community"];

/** What another stack tells, with its outputs as they are for those who read further ones. */
export interface PeerOutputs extends Told {
  readonly outputs: StackOutputs;
}

/**
 * What the outputs of another stack tell: in one output of their own, or, where the stack was last deployed before there was one,
 * in those that are there for people.
 *
 * @param setting Key of the setting that names the stack.
 * @throws PreconditionError when the outputs are not such as a stack of this program has; by key, and never with more of a value
 * than a line.
 */
export function readPeerOutputs(stack: string, setting: string, outputs: StackOutputs): PeerOutputs {
  return { ...toldIn(stack, setting, outputs), outputs };
}

/** Whether a stack stands and has no cluster to peer with at all, such as one that keeps the root. */
export function withoutClusters({ clusters }: Told): boolean {
  return clusters?.length === 0;
}

function toldIn(stack: string, setting: string, outputs: StackOutputs): Told {
  const reading = new Reading(stack, setting);
  const told = Object.hasOwn(outputs, meshPeerOutput)
    ? readMeshPeer(reading, outputs[meshPeerOutput])
    : readOutputs(reading, outputs);
  reading.throwIfAny();
  return told;
}

function readMeshPeer(reading: Reading, value: unknown): Told {
  const told = reading.map(value, meshPeerOutput);
  if (told.get("version") !== meshPeerVersion) {
    reading.fault(
      `${meshPeerOutput}.version`,
      `is not ${String(meshPeerVersion)}, the only one that this version of the program reads`,
    );
    return { stack: reading.stack };
  }
  const distribution = distributions.find((one) => one === told.get("distribution"));
  if (distribution === undefined) {
    reading.fault(`${meshPeerOutput}.distribution`, `is none of ${distributions.join(", ")}`);
  }
  const network = reading.demanded(labelValue, told.get("network"), `${meshPeerOutput}.network`) ?? "";
  const trustDomain = reading.demanded(dnsName, told.get("trustDomain"), `${meshPeerOutput}.trustDomain`) ?? "";
  const clusters = readClusters(reading, told.get("clusters") ?? {}, `${meshPeerOutput}.clusters`, (said, name) => ({
    network,
    trustDomain,
    address: readAddress(reading, said.get("address"), `${meshPeerOutput}.clusters.${name}.address`),
    kind: readKind(reading, said.get("kind"), `${meshPeerOutput}.clusters.${name}.kind`),
  }));
  return {
    stack: reading.stack,
    ...(distribution && { distribution }),
    clusters,
    ...rootsOf(reading, told, `${meshPeerOutput}.`),
  };
}

/** A stack that was last deployed before it had an output for its peers. */
function readOutputs(reading: Reading, outputs: StackOutputs): Told {
  const { stack } = reading;
  if (outputs["clusters"] === undefined) {
    // One that was destroyed, or has failed early, has no outputs at all. One that keeps the root had clusters, if none.
    if (Object.keys(outputs).length > 0 && reading.setting === "peerStacks") {
      throw new PreconditionError(
        `peerStacks: the outputs of ${stack} are not those of a flatmesh stack. Correct the name, or run pulumi up on it with ` +
          "this version of the program.",
        "docs/several-stacks.md#what-a-peer-may-say",
      );
    }
    return { stack, ...rootsOf(reading, new Map(Object.entries(outputs)), "") };
  }
  const addresses = reading.named(clusterName, outputs["eastWestAddresses"], "eastWestAddresses", mostClusters);
  const clusters = readClusters(reading, outputs["clusters"], "clusters", (said, name) => ({
    network: reading.demanded(labelValue, said.get("network"), `clusters.${name}.network`) ?? "",
    trustDomain: reading.demanded(dnsName, said.get("trustDomain"), `clusters.${name}.trustDomain`) ?? "",
    address: readAddress(reading, addresses.get(name), `eastWestAddresses.${name}`),
    kind: kindByContext(stack, said.get("context")),
  }));
  ownOnly(reading, addresses, clusters, "eastWestAddresses");
  return { stack, clusters, ...rootsOf(reading, new Map(Object.entries(outputs)), "") };
}

/** A stack speaks for its own clusters alone. */
export function ownOnly(
  reading: Reading,
  said: ReadonlyMap<string, unknown>,
  clusters: readonly ToldCluster[],
  key: string,
): void {
  const own = new Set(clusters.map(({ name }) => name));
  for (const name of said.keys()) {
    if (!own.has(name)) {
      reading.fault(`${key}.${name}`, "is of a cluster that is none of the stack's own");
    }
  }
}

/** What the two ways of telling have in different places. */
interface Beside extends Pick<ToldCluster, "network" | "trustDomain"> {
  readonly address: ToldAddress | undefined;
  readonly kind: ToldKind | undefined;
}

function readClusters(
  reading: Reading,
  value: unknown,
  path: string,
  beside: (said: ReadonlyMap<string, unknown>, name: string) => Beside,
): ToldCluster[] {
  return [...reading.named(clusterName, value, path, mostClusters)].map(([name, entry]) => {
    const here = `${path}.${name}`;
    const said = reading.map(entry, here);
    const { network, trustDomain, address, kind } = beside(said, name);
    const optional = (key: string, schema: z.ZodType<string>) => reading.text(schema, said.get(key), `${here}.${key}`);
    const [podSubnet, serviceSubnet] = [optional("podSubnet", subnet), optional("serviceSubnet", subnet)];
    const [region, zone] = [optional("region", labelValue), optional("zone", labelValue)];
    const context = optional("context", contextName);
    const routed = kind !== undefined && podSubnet !== undefined && serviceSubnet !== undefined;
    if (routed) {
      checkKindSubnets(reading, { podSubnet, serviceSubnet }, here);
    }
    return {
      name,
      network,
      trustDomain,
      ...(podSubnet !== undefined && { podSubnet }),
      ...(serviceSubnet !== undefined && { serviceSubnet }),
      ...(region !== undefined && { region }),
      ...(zone !== undefined && { zone }),
      ...(context !== undefined && { context }),
      ...(address && { address }),
      ...(routed && { kind }),
    };
  });
}

function readAddress(reading: Reading, value: unknown, path: string): ToldAddress | undefined {
  if (value === undefined) {
    return undefined;
  }
  const said = reading.map(value, path);
  const address = reading.demanded(hostAddress, said.get("value"), `${path}.value`);
  const [type, port] = [said.get("type"), said.get("port")];
  if (type !== "IPAddress" && type !== "Hostname") {
    reading.fault(`${path}.type`, "is neither IPAddress nor Hostname");
  } else if (address !== undefined && (isIP(address) !== 0) !== (type === "IPAddress")) {
    reading.fault(`${path}.type`, "is not that of its value");
  }
  if (port !== undefined && !(typeof port === "number" && Number.isInteger(port) && port >= 1 && port <= 65_535)) {
    reading.fault(`${path}.port`, "is no whole number from 1 to 65535");
  }
  return address === undefined || (type !== "IPAddress" && type !== "Hostname")
    ? undefined
    : { type, value: address, ...(typeof port === "number" && { port }) };
}

function readKind(reading: Reading, value: unknown, path: string): ToldKind | undefined {
  if (value === undefined) {
    return undefined;
  }
  const said = reading.map(value, path);
  const machineName = reading.demanded(dnsLabel, said.get("machineName"), `${path}.machineName`);
  const stackOwner = reading.demanded(owner, said.get("owner"), `${path}.owner`);
  return machineName === undefined || stackOwner === undefined ? undefined : { machineName, owner: stackOwner };
}

/** Such a stack marks its kind clusters by the end of its own full name, whatever it says of them. */
function kindByContext(stack: string, context: unknown): ToldKind | undefined {
  const machineName = typeof context === "string" ? /^kind-(.+)$/.exec(context)?.[1] : undefined;
  return machineName !== undefined && dnsLabel.safeParse(machineName).success
    ? { machineName, owner: stack.split("/").slice(1).join("/") }
    : undefined;
}

/** Routes on this machine's nodes are made to these subnets: kind could not have made the cluster with others. */
function checkKindSubnets(
  reading: Reading,
  subnets: { readonly podSubnet: string; readonly serviceSubnet: string },
  path: string,
): void {
  for (const key of ["podSubnet", "serviceSubnet"] as const) {
    const given = subnets[key];
    const network = containerNetworkIn(parseSubnet(given));
    if (!fitsMadeCluster(key, given)) {
      reading.fault(`${path}.${key}`, `is ${given}, which no kind cluster can have`);
    } else if (network) {
      reading.fault(
        `${path}.${key}`,
        `is ${given}, which overlaps ${subnetText(network)}, which the container engine takes its networks from`,
      );
    }
  }
}

function rootsOf(
  reading: Reading,
  said: ReadonlyMap<string, unknown>,
  prefix: string,
): Pick<Told, "roots" | "rootStack"> {
  const roots = readRoots(reading, said, prefix);
  const rootStack = reading.text(stackName, said.get("rootStack"), `${prefix}rootStack`);
  return { ...(roots && { roots }), ...(rootStack !== undefined && { rootStack }) };
}

function readRoots(reading: Reading, said: ReadonlyMap<string, unknown>, prefix: string): PeerRoots | undefined {
  const path = `${prefix}roots`;
  const told = said.get("roots");
  if (told === undefined) {
    // A stack that has last run before roots had names, or one whose certificates somebody else keeps.
    const only = said.get("rootCertificate");
    const read = only === undefined ? undefined : readAuthorities(reading, only, `${prefix}rootCertificate`);
    return read && { trusted: new Map([[firstRoot, read.pem]]), signing: firstRoot };
  }
  const parts = reading.map(told, path);
  const trusted = [...reading.named(rootNameText, parts.get("trusted") ?? {}, `${path}.trusted`, mostRoots)].flatMap(
    ([name, pem]) => {
      const read = readAuthorities(reading, pem, `${path}.trusted.${name}`);
      return read ? [[name, read.pem] as const] : [];
    },
  );
  const signing = reading.demanded(rootNameText, parts.get("signing"), `${path}.signing`);
  if (signing === undefined) {
    return undefined;
  }
  const roots = new Map(trusted);
  if (!roots.has(signing)) {
    reading.fault(`${path}.signing`, "is none of the roots that are trusted");
  }
  return { trusted: roots, signing };
}
