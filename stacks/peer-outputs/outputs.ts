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
  type MeshPeer,
  type PeerAddress,
  type MeshPeerCluster,
  type PeerKindCluster,
} from "./types";

/** More clusters than a mesh can have: links grow with the square of their number. */
export const mostClusters = 1000;
/** A cluster's name. It is a part of other names, which may have 63 characters. */
export const clusterName = dnsLabel.max(longestClusterName, {
  error: `has more than the ${String(longestClusterName)} characters that a cluster's name can have`,
});
/** More than a stack ever trusts at a time. */
const mostRoots = 8;

/** `<project>/<stack>`, or an identifier. No part begins with a dot, since it may become part of a path. */
const owner = z.string().regex(/^[A-Za-z0-9_-][A-Za-z0-9._-]*(\/[A-Za-z0-9_-][A-Za-z0-9._-]*)?$/, {
  error: "is not an owner of clusters",
});

const distributions: readonly Distribution[] = ["solo", "community"];

/** What another stack publishes for its peers, with its outputs as they are for the readers of further ones. */
export interface PeerOutputs extends MeshPeer {
  readonly outputs: StackOutputs;
}

/**
 * Reads what another stack publishes for its peers: from the output `meshPeer`, or, if the stack was last deployed by a version
 * without it, from the outputs for people.
 *
 * @param setting Key of the setting that names the stack.
 * @throws PreconditionError when they are not the outputs of a stack of this program. It names the keys, and shows at most a line
 * of a value.
 */
export function readPeerOutputs(stack: string, setting: string, outputs: StackOutputs): PeerOutputs {
  return { ...meshPeerIn(stack, setting, outputs), outputs };
}

/** Whether a stack is deployed and has no cluster to peer with, such as one that only keeps the root. */
export function withoutClusters({ clusters }: MeshPeer): boolean {
  return clusters?.length === 0;
}

function meshPeerIn(stack: string, setting: string, outputs: StackOutputs): MeshPeer {
  const reading = new Reading(stack, setting);
  const peer = Object.hasOwn(outputs, meshPeerOutput)
    ? readMeshPeer(reading, outputs[meshPeerOutput])
    : readOutputs(reading, outputs);
  reading.throwIfAny();
  return peer;
}

function readMeshPeer(reading: Reading, value: unknown): MeshPeer {
  const fields = reading.map(value, meshPeerOutput);
  if (fields.get("version") !== meshPeerVersion) {
    reading.problem(
      `${meshPeerOutput}.version`,
      `is not ${String(meshPeerVersion)}, the only version that this program reads`,
    );
    return { stack: reading.stack };
  }
  const distribution = distributions.find((one) => one === fields.get("distribution"));
  if (distribution === undefined) {
    reading.problem(`${meshPeerOutput}.distribution`, `is neither ${distributions.join(" nor ")}`);
  }
  const network = reading.required(labelValue, fields.get("network"), `${meshPeerOutput}.network`) ?? "";
  const trustDomain = reading.required(dnsName, fields.get("trustDomain"), `${meshPeerOutput}.trustDomain`) ?? "";
  const clusters = readClusters(reading, fields.get("clusters") ?? {}, `${meshPeerOutput}.clusters`, (entry, name) => ({
    network,
    trustDomain,
    address: readAddress(reading, entry.get("address"), `${meshPeerOutput}.clusters.${name}.address`),
    kind: readKind(reading, entry.get("kind"), `${meshPeerOutput}.clusters.${name}.kind`),
  }));
  return {
    stack: reading.stack,
    ...(distribution && { distribution }),
    clusters,
    ...rootsOf(reading, fields, `${meshPeerOutput}.`),
  };
}

/** For a stack that was last deployed by a version without the output `meshPeer`. */
function readOutputs(reading: Reading, outputs: StackOutputs): MeshPeer {
  const { stack } = reading;
  if (outputs["clusters"] === undefined) {
    // A stack that was destroyed, or failed early, has no outputs at all. One that only keeps the root has an empty `clusters`.
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
  const clusters = readClusters(reading, outputs["clusters"], "clusters", (entry, name) => ({
    network: reading.required(labelValue, entry.get("network"), `clusters.${name}.network`) ?? "",
    trustDomain: reading.required(dnsName, entry.get("trustDomain"), `clusters.${name}.trustDomain`) ?? "",
    address: readAddress(reading, addresses.get(name), `eastWestAddresses.${name}`),
    kind: kindByContext(stack, entry.get("context")),
  }));
  ownOnly(reading, addresses, clusters, "eastWestAddresses");
  return { stack, clusters, ...rootsOf(reading, new Map(Object.entries(outputs)), "") };
}

/** A stack may only name its own clusters. */
export function ownOnly(
  reading: Reading,
  named: ReadonlyMap<string, unknown>,
  clusters: readonly MeshPeerCluster[],
  key: string,
): void {
  const own = new Set(clusters.map(({ name }) => name));
  for (const name of named.keys()) {
    if (!own.has(name)) {
      reading.problem(`${key}.${name}`, "names a cluster that is not the stack's own");
    }
  }
}

/** What `meshPeer` and the outputs of earlier versions keep in different places. */
interface MovedFields extends Pick<MeshPeerCluster, "network" | "trustDomain"> {
  readonly address: PeerAddress | undefined;
  readonly kind: PeerKindCluster | undefined;
}

function readClusters(
  reading: Reading,
  value: unknown,
  path: string,
  movedFields: (entry: ReadonlyMap<string, unknown>, name: string) => MovedFields,
): MeshPeerCluster[] {
  return [...reading.named(clusterName, value, path, mostClusters)].map(([name, fields]) => {
    const here = `${path}.${name}`;
    const entry = reading.map(fields, here);
    const { network, trustDomain, address, kind } = movedFields(entry, name);
    const optional = (key: string, schema: z.ZodType<string>) => reading.text(schema, entry.get(key), `${here}.${key}`);
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

function readAddress(reading: Reading, value: unknown, path: string): PeerAddress | undefined {
  if (value === undefined) {
    return undefined;
  }
  const entry = reading.map(value, path);
  const address = reading.required(hostAddress, entry.get("value"), `${path}.value`);
  const [type, port] = [entry.get("type"), entry.get("port")];
  if (type !== "IPAddress" && type !== "Hostname") {
    reading.problem(`${path}.type`, "is neither IPAddress nor Hostname");
  } else if (address !== undefined && (isIP(address) !== 0) !== (type === "IPAddress")) {
    reading.problem(`${path}.type`, "does not match its value");
  }
  if (port !== undefined && !(typeof port === "number" && Number.isInteger(port) && port >= 1 && port <= 65_535)) {
    reading.problem(`${path}.port`, "is not a whole number from 1 to 65535");
  }
  return address === undefined || (type !== "IPAddress" && type !== "Hostname")
    ? undefined
    : { type, value: address, ...(typeof port === "number" && { port }) };
}

function readKind(reading: Reading, value: unknown, path: string): PeerKindCluster | undefined {
  if (value === undefined) {
    return undefined;
  }
  const entry = reading.map(value, path);
  const machineName = reading.required(dnsLabel, entry.get("machineName"), `${path}.machineName`);
  const stackOwner = reading.required(owner, entry.get("owner"), `${path}.owner`);
  return machineName === undefined || stackOwner === undefined ? undefined : { machineName, owner: stackOwner };
}

/** Earlier versions marked their kind clusters with `<project>/<stack>`. */
function kindByContext(stack: string, context: unknown): PeerKindCluster | undefined {
  const machineName = typeof context === "string" ? /^kind-(.+)$/.exec(context)?.[1] : undefined;
  return machineName !== undefined && dnsLabel.safeParse(machineName).success
    ? { machineName, owner: stack.split("/").slice(1).join("/") }
    : undefined;
}

/** This machine's nodes get routes to these subnets, so they have to be ones that kind could have used. */
function checkKindSubnets(
  reading: Reading,
  subnets: { readonly podSubnet: string; readonly serviceSubnet: string },
  path: string,
): void {
  for (const key of ["podSubnet", "serviceSubnet"] as const) {
    const given = subnets[key];
    const network = containerNetworkIn(parseSubnet(given));
    if (!fitsMadeCluster(key, given)) {
      reading.problem(`${path}.${key}`, `is ${given}, which a kind cluster can't have`);
    } else if (network) {
      reading.problem(
        `${path}.${key}`,
        `is ${given}, which overlaps ${subnetText(network)}, which the container engine takes its networks from`,
      );
    }
  }
}

function rootsOf(
  reading: Reading,
  outputs: ReadonlyMap<string, unknown>,
  prefix: string,
): Pick<MeshPeer, "roots" | "rootStack"> {
  const roots = readRoots(reading, outputs, prefix);
  const rootStack = reading.text(stackName, outputs.get("rootStack"), `${prefix}rootStack`);
  return { ...(roots && { roots }), ...(rootStack !== undefined && { rootStack }) };
}

function readRoots(reading: Reading, outputs: ReadonlyMap<string, unknown>, prefix: string): PeerRoots | undefined {
  const path = `${prefix}roots`;
  const roots = outputs.get("roots");
  if (roots === undefined) {
    // A stack that last ran before roots had names, or one whose certificates are managed elsewhere.
    const only = outputs.get("rootCertificate");
    const read = only === undefined ? undefined : readAuthorities(reading, only, `${prefix}rootCertificate`, 1);
    return read && { trusted: new Map([[firstRoot, read.pem]]), signing: firstRoot };
  }
  const parts = reading.map(roots, path);
  const trusted = [...reading.named(rootNameText, parts.get("trusted") ?? {}, `${path}.trusted`, mostRoots)].flatMap(
    ([name, pem]) => {
      const read = readAuthorities(reading, pem, `${path}.trusted.${name}`, 1);
      return read ? [[name, read.pem] as const] : [];
    },
  );
  const signing = reading.required(rootNameText, parts.get("signing"), `${path}.signing`);
  if (signing === undefined) {
    return undefined;
  }
  const byName = new Map(trusted);
  if (!byName.has(signing)) {
    reading.problem(`${path}.signing`, "is not one of the trusted roots");
  }
  return { trusted: byName, signing };
}
