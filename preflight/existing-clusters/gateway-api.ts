import { awaitedDefinitions, defaultGatewayApi, isOlderRelease, readyFrom, unmetMinimum } from "../../settings";
import { gatewayGroup } from "../gateway-api";
import { ownsResource } from "./desired-objects";
import type { ExistingDefinition } from "./types";
import type { ValidateArgs } from "./validate";

/** What the mesh needs; the other definitions are for users' routes. */
const needed = ["gateways", "gatewayclasses"].map((name) => `${name}.${gatewayGroup}`);

/** What every release has beside them. */
const usual = ["httproutes", "grpcroutes", "referencegrants"].map((name) => `${name}.${gatewayGroup}`);

/** What follows from the Gateway API that a cluster has. */
export interface GatewayApiValidation {
  /** Names of the definitions that the stack leaves alone, whether they exist or not. */
  readonly others: readonly string[];
  readonly problems: readonly string[];
  readonly warnings: readonly string[];
  readonly notes: readonly string[];
}

/** A definition that the stack leaves alone. */
interface Other extends ExistingDefinition {
  readonly name: string;
}

/**
 * Definitions that the stack did not install stay as they are, and so do those that someone has upgraded past the stack's release.
 * If the needed ones are among them, the stack leaves the whole Gateway API alone: nobody wants definitions of two releases side by
 * side, and some platforms forbid it. An update is refused what a preview is warned of.
 */
export function validateDefinitions(args: ValidateArgs): GatewayApiValidation {
  const { gatewayApi, inventory, run } = args;
  const all = [...inventory.definitions].flatMap(([name, fact]): Other[] =>
    name.endsWith(`.${gatewayGroup}`) && !isOwn(name, fact, args) ? [{ name, ...fact }] : [],
  );
  const planned = gatewayApi.definitions.map(({ metadata }) => metadata.name);
  const names = all.map(({ name }) => name).filter((name) => planned.includes(name));
  const keptByOthers = needed.every((name) => names.includes(name));
  const others = keptByOthers ? [...names, ...planned.filter((name) => !inventory.definitions.has(name))] : names;
  const broken = unusable(all, args);
  const written = planned.filter((name) => !others.includes(name) && isWritten(name, args));
  const forbidden = denied(written, args);
  const refused = [...broken, ...forbidden];
  // A preview has the API server try what it would write, and would end there.
  const leftOut = forbidden.length > 0 && run === "preview" ? written.filter((name) => !isRecorded(name, args)) : [];
  return {
    others: [...others, ...leftOut],
    problems: run === "update" ? refused : [],
    warnings: [
      ...(run === "preview" ? refused.map((text) => `pulumi up would refuse this: ${text}`) : []),
      ...(broken.length > 0
        ? []
        : [
            ...older(all, args),
            ...beside(all, keptByOthers, args),
            ...ignored(all, args),
            ...newerThanIstio(all, args),
          ]),
    ],
    notes: leftAlone(all, keptByOthers, args),
  };
}

/** Whether the stack manages a definition: it has installed it, and nobody has since upgraded it, or put another channel over it. */
function isOwn(name: string, { bundle, channel = "standard" }: ExistingDefinition, args: ValidateArgs): boolean {
  return isRecorded(name, args) && channel === "standard" && !isOlderRelease(args.gatewayApi.release, bundle);
}

function isRecorded(name: string, { namePrefix, state }: ValidateArgs): boolean {
  return ownsResource(state, "apiextensions.k8s.io/v1:CustomResourceDefinition", namePrefix, name);
}

/** Whether an update makes or changes a definition of the stack's. */
function isWritten(name: string, { inventory, gatewayApi }: ValidateArgs): boolean {
  const fact = inventory.definitions.get(name);
  return fact === undefined || isOlderRelease(fact.bundle, gatewayApi.release);
}

/** Definitions without the version that istiod reads. */
function unusable(all: readonly Other[], { settings, gatewayApi }: ValidateArgs): string[] {
  return all
    .filter(({ name, servesV1 }) => awaitedDefinitions(settings.istioVersion).includes(name) && !servesV1)
    .map((one) => {
      const why = needed.includes(one.name)
        ? "which the mesh needs"
        : `and istiod of Istio ${settings.istioVersion} does not become ready without it`;
      return (
        `its definition ${one.name} (Gateway API ${one.bundle ?? "of unknown release"}), which this stack did not install, does not ` +
        `serve version v1, ${why}. ${upgrade([one], gatewayApi.release)}`
      );
    });
}

/** Admission policies that would not let the stack write definitions. */
function denied(names: readonly string[], { inventory, gatewayApi, settings }: ValidateArgs): string[] {
  const { release } = gatewayApi;
  if (names.length === 0) {
    return [];
  }
  return inventory.guards.flatMap(({ policy, admits }) => {
    if (admits !== undefined && !isOlderRelease(release, admits)) {
      return [];
    }
    const what = `this stack has to install ${names.join(", ")} of the Gateway API ${release}`;
    return admits === undefined
      ? [
          `${what}, and OpenShift lets only its Ingress Operator do so (ValidatingAdmissionPolicy ${policy}). Have the operator ` +
            "install them; from then on the stack uses those.",
        ]
      : [
          `${what}, and ValidatingAdmissionPolicy ${policy} admits no release before ${admits}. Set gatewayApi.version to ${admits} or ` +
            `later, if Istio ${settings.istioVersion} is to work with it; or remove the policy: kubectl delete ` +
            `validatingadmissionpolicybinding,validatingadmissionpolicy ${policy}`,
        ];
  });
}

/** The release of the needed definitions is not the settings'. */
function older(all: readonly Other[], { gatewayApi }: ValidateArgs): string[] {
  const { release } = gatewayApi;
  const essential = all.filter(({ name, servesV1 }) => needed.includes(name) && servesV1);
  const found = essential.find(({ bundle }) => isOlderRelease(bundle, release));
  return found === undefined
    ? []
    : [
        `it has the Gateway API ${found.bundle ?? ""}, which this stack did not install. It stays as it is: this stack's ` +
          `${release} is not installed over it. ${upgrade(essential, release)}`,
      ];
}

/** Definitions of others beside those of the stack; or some that are missing where all are others'. */
function beside(all: readonly Other[], keptByOthers: boolean, { inventory, gatewayApi }: ValidateArgs): string[] {
  const { release } = gatewayApi;
  if (keptByOthers) {
    const missing = usual.filter((name) => !inventory.definitions.has(name));
    return missing.length === 0
      ? []
      : [
          `its Gateway API, which this stack did not install, lacks ${missing.join(", ")}. The stack does not complete it. ` +
            upgrade(all, all.find(({ bundle }) => bundle !== undefined)?.bundle ?? release),
        ];
  }
  const different = all.filter(({ bundle }) => bundle !== release);
  const newer = different.find(({ bundle }) => isOlderRelease(release, bundle));
  return different.length === 0
    ? []
    : [
        `it has ${listed(different)}, which this stack did not install and leaves alone, beside its own definitions of ${release}. ` +
          (newer === undefined
            ? upgrade(different, release)
            : `To have a single release, set gatewayApi.version to ${newer.bundle ?? ""}.`),
      ];
}

/** Kinds that istiod does not read, since their definitions are too old for it. */
function ignored(all: readonly Other[], { settings, gatewayApi }: ValidateArgs): string[] {
  const { istioVersion } = settings;
  return all.flatMap((one) => {
    const unmet = unmetMinimum(one.name, one.bundle, istioVersion);
    return unmet === undefined
      ? []
      : [
          `Istio ${istioVersion} ignores its objects of kind ${unmet.kind}, whose definition is of ${one.bundle ?? "no stated release"}: Istio needs ` +
            `${unmet.release} or later. ` +
            upgrade([one], newest(gatewayApi.release, defaultGatewayApi(istioVersion))),
        ];
  });
}

function newerThanIstio(all: readonly Other[], { settings }: ValidateArgs): string[] {
  const { istioVersion } = settings;
  const found = all.find(({ bundle }) => readyFrom(istioVersion, bundle) !== undefined);
  const fixed = readyFrom(istioVersion, found?.bundle);
  return found === undefined || fixed === undefined
    ? []
    : [
        `it has the Gateway API ${found.bundle ?? ""}, which came after Istio ${istioVersion}: its istiod may never become ready ` +
          `(istio/istio#59443). Set istioVersion to ${fixed.join(", ")} or later. Do not install an older Gateway API over it.`,
      ];
}

function leftAlone(all: readonly Other[], keptByOthers: boolean, { gatewayApi }: ValidateArgs): string[] {
  const { release } = gatewayApi;
  const experimental = all.find(({ channel }) => channel !== undefined && channel !== "standard");
  const newer = all.find(({ name, bundle }) => needed.includes(name) && isOlderRelease(release, bundle));
  const [found] = [experimental, newer].filter((one) => one !== undefined);
  if (found === undefined || !keptByOthers) {
    return [];
  }
  const channel = experimental === undefined ? "" : ` (${experimental.channel ?? ""} channel)`;
  return [
    `it has the Gateway API ${found.bundle ?? "of unknown release"}${channel}${keeper([found])}, which stays as it is: this stack's ` +
      `${release} is not installed over it.`,
  ];
}

function newest(one: string, other: string): string {
  return isOlderRelease(one, other) ? other : one;
}

function listed(all: readonly Other[]): string {
  return all.map(({ name, bundle }) => `${name} (${bundle ?? "of unknown release"})`).join(", ");
}

function keeper(all: readonly Other[]): string {
  const manager = all.find((one) => one.manager !== undefined)?.manager;
  return manager === undefined ? "" : `, kept by ${manager.name}`;
}

/** How definitions that others manage get to a release: through whoever manages them, or by hand. */
function upgrade(all: readonly Other[], release: string): string {
  const manager = all.find((one) => one.manager !== undefined)?.manager;
  const channel = all.some((one) => one.channel === "experimental") ? "experimental" : "standard";
  const url = `https://github.com/kubernetes-sigs/gateway-api/releases/download/${release}/${channel}-install.yaml`;
  return manager === undefined
    ? `Have whoever manages it upgrade it to ${release}: kubectl apply --server-side --force-conflicts -f ${url}`
    : `${manager.name} keeps it: ${manager.upgrade} (${release} or later).`;
}
