/** Parts of preflight by themselves, under mocks: see preflightOf of ../components/preflight for all of it. */
import * as pulumi from "@pulumi/pulumi";
import type { GatewayApiBundle } from "../../../preflight/gateway-api";
import { currentAccess } from "../../../preflight/access";
import { absent, valueOf } from "../../../preflight/datum";
import { planClusters } from "../../../preflight/cluster-plan";
import { readOwnStack } from "../../../preflight/engine";
import {
  type ExistingClusters,
  judgeExistingClusters,
  readExistingClusters,
} from "../../../preflight/existing-clusters";
import { readPeerStacks, readRootStack } from "../../../preflight/other-stacks";
import { judgeLinkMethod } from "../../../preflight/peering/link-method";
import { readEastWestAddresses } from "../../../preflight/peering/live-addresses";
import { judgePeerStacks } from "../../../preflight/peering/peer-stacks";
import { recordedTokens } from "../../../preflight/peering/reader-tokens";
import { ownRoots } from "../../../preflight/peering/root-agreement";
import { report } from "../../../preflight/problems";
import { judgeHandover } from "../../../preflight/roots/cacerts-handover";
import { readCurrentRoots } from "../../../preflight/roots/current-roots";
import { judgeRotation, readRotation } from "../../../preflight/roots/rotation";
import { desiredRoots } from "../../../preflight/roots/desired-roots";
import type { Settings } from "../../../settings";

async function ownStack(settings: Settings) {
  const run = pulumi.runtime.isDryRun() ? ("preview" as const) : ("update" as const);
  const own = await readOwnStack(run);
  return { own, clusters: planClusters(settings, own.state, absent).value, run };
}

/** What stands in the existing clusters of a stack. */
export async function existingClusters(settings: Settings, gatewayApi: GatewayApiBundle): Promise<ExistingClusters> {
  const { own, clusters, run } = await ownStack(settings);
  const inventories = await readExistingClusters(clusters, settings, own.state, false);
  const { value, problems } = judgeExistingClusters(inventories, clusters, settings, own.state, gatewayApi, run);
  report(problems);
  return value;
}

/** Judges a change of the roots, as the whole of preflight does. */
export async function guardRoots(settings: Settings): Promise<void> {
  const { own, clusters, run } = await ownStack(settings);
  if (settings.root.source === "existing") {
    report(judgeHandover(clusters, own.state));
    return;
  }
  const access = currentAccess(clusters, own.state);
  const wants = desiredRoots(settings.root, valueOf(await readRootStack(settings)), own.state);
  const has = await readCurrentRoots(clusters, own, access, false);
  const peers = await readPeerStacks(settings.peerStacks);
  const args = { settings, clusters, own, access, peers, has, wants, offline: false };
  report(judgeRotation(await readRotation(args), args, run));
}

/** What peering is made of. */
export async function peeringInputs(settings: Settings) {
  const { own, clusters, run } = await ownStack(settings);
  const rootStack = await readRootStack(settings);
  const outputs = await readPeerStacks(settings.peerStacks);
  const roots = ownRoots(desiredRoots(settings.root, valueOf(rootStack), own.state), {});
  const { value: peerStacks, problems } = judgePeerStacks({ settings, clusters, own, outputs, roots, run });
  const peers = peerStacks.peers.map(({ name }) => name);
  report([...problems, ...judgeLinkMethod(settings, clusters, own.state, peers)]);
  const access = currentAccess(clusters, own.state);
  const addresses = await readEastWestAddresses(clusters, own, access, false, run);
  return {
    peerStacks,
    peers: peerStacks.peers,
    remoteAccess: peerStacks.remoteAccess,
    eastWestAddresses: addresses.value,
    readerTokens: recordedTokens(own.state),
  };
}
