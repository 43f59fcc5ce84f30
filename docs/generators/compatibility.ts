import { supportedKubernetes } from "../../checks/precheck/kubernetes-version";
import { knownReleases } from "../../preflight/gateway-api";
import { catalogue, neededGo, type ToolName } from "../../rehearsal/tools";
import { defaultVersion, firstCommunity, firstKeyless, firstNodePort, minorOf } from "../../settings/distribution";
import { keys } from "../../settings/schema";
import { tableOf, withPart } from "./marked";

/** What package.json says, as far as it is told. */
export interface Package {
  readonly engines: { readonly node: string };
  readonly dependencies: Readonly<Record<string, string>>;
}

/** The page of versions, with what the code itself goes by. */
export function compatibilityPage(page: string, { engines, dependencies }: Package): string {
  const kubernetes = (istioMinor: number) => {
    const { first, last } = supportedKubernetes(istioMinor);
    return `1.${String(first)} to 1.${String(last)}`;
  };
  const gatewayApi = keys.gatewayApi.parse(undefined).version;
  const distributions = tableOf(
    ["Distribution", "Istio by default", "Istio from", "Gateway API by default", "Kubernetes for the default Istio"],
    [
      [
        "`solo`",
        defaultVersion.solo,
        `any; [\`nodePort\`](settings.md#clustersnodeport) from 1.${String(firstNodePort)}, ` +
          `[\`linkMethod: chart\`](settings.md#linkmethod), and registries without a repo key, from 1.${String(firstKeyless)}`,
        gatewayApi,
        kubernetes(minorOf(defaultVersion.solo)),
      ],
      [
        "`community`",
        defaultVersion.community,
        `1.${String(firstCommunity)}`,
        gatewayApi,
        kubernetes(minorOf(defaultVersion.community)),
      ],
    ],
  );
  const named = (names: readonly ToolName[]) =>
    names.map((name) => {
      const { range, why, go } = catalogue[name];
      return [`\`${name}\``, `\`${range}\``, go.version, why];
    });
  const pulumi = Object.entries(dependencies)
    .filter(([name]) => name.startsWith("@pulumi/"))
    .map(([name, version]) => [`\`${name}\``, version]);
  const parts = {
    distributions,
    releases: `Releases whose digest is known: ${knownReleases.join(", ")}.`,
    runtime: tableOf(
      ["What", "Version"],
      [["Node.js", `\`${engines.node}\``], ["Go, where a tool has to be built", `\`>=${neededGo}\``], ...pulumi],
    ),
    tools: tableOf(["Tool", "Taken from the `PATH`", "Otherwise", "Why"], named(Object.keys(catalogue) as ToolName[])),
  };
  return Object.entries(parts).reduce((text, [name, part]) => withPart(text, name, part), page);
}
