import type { Rule } from "../rule";
import { explicitProviders } from "./explicit-providers";
import { keptFoundations } from "./kept-foundations";
import { keySize } from "./key-size";
import { lifetimes } from "./lifetimes";
import { meshNamespaces } from "./mesh-namespaces";
import { networkName } from "./network-name";
import { noDemoInProduction } from "./no-demo-in-production";
import { oneRoot } from "./one-root";
import { pathLength } from "./path-length";
import { peerGateways } from "./peer-gateways";
import { pinnedVersions } from "./pinned-versions";
import { plainSecrets } from "./plain-secrets";
import { readableSources } from "./readable-sources";
import { registries } from "./registries";
import { resourceRequests } from "./resource-requests";
import { sameVersions } from "./same-versions";
import { subnets } from "./subnets";
import { versionSkew } from "./version-skew";

// The door of all that is not the pack itself: that one is a program, ../index.ts, which Pulumi's CLI runs.
export { evaluate, PackConfig, type Violation } from "../evaluate";
export type { RuleViolation, ResourceRule, Rule, StackRule } from "../rule";
export { type Resource, resourcesOfState, type Stack } from "../state";

/** All rules, in the order of the table in docs/policies.md. */
export const rules: readonly Rule[] = [
  networkName,
  peerGateways,
  subnets,
  oneRoot,
  pathLength,
  keySize,
  lifetimes,
  plainSecrets,
  pinnedVersions,
  registries,
  sameVersions,
  versionSkew,
  keptFoundations,
  noDemoInProduction,
  explicitProviders,
  meshNamespaces,
  resourceRequests,
  readableSources,
];
