import { firstParameters } from "../../settings/east-west-gateway";
import { supportedKubernetes } from "../../checks/precheck/kubernetes-version";
import { bundledReleases } from "../../preflight/gateway-api";
import { catalogue, neededGo, type ToolName } from "../../rehearsal/tools";
import { defaultVersion, firstCommunity, firstKeyless, firstNodePort, minorOf } from "../../settings/distribution";
import { defaultGatewayApi, minimumReleases, releaseByIstio } from "../../settings";
import { tableOf, withPart } from "./marked";

/** What package.json says, as far as it is told. */
export interface Package {
  readonly engines: { readonly node: string };
  readonly dependencies: Readonly<Record<string, string>>;
}

/** A row for each range of Istio's minor versions: the release by default, and what Istio needs of each kind. */
function gatewayApiRows(): string[][] {
  return releaseByIstio.map(({ istioMinor, release }, index) => {
    const next = releaseByIstio[index - 1]?.istioMinor;
    const [first, last] = [`1.${String(istioMinor)}`, `1.${String((next ?? 0) - 1)}`];
    const [oldest, newest] = [index === releaseByIstio.length - 1, next === undefined];
    const kinds = minimumReleases.filter((one) => one.istioMinor <= istioMinor);
    return [
      newest ? `${first} and later` : oldest ? `up to ${last}` : first === last ? first : `${first} to ${last}`,
      release,
      kinds.map((one) => `\`${one.kind}\` ${one.release}`).join(", "),
    ];
  });
}

/** The page of versions, with what the code itself goes by. */
export function compatibilityPage(page: string, { engines, dependencies }: Package): string {
  const kubernetes = (istioMinor: number) => {
    const { first, last } = supportedKubernetes(istioMinor);
    return `1.${String(first)} to 1.${String(last)}`;
  };
  const distributions = tableOf(
    ["Distribution", "Istio by default", "Istio from", "Gateway API by default", "Kubernetes for the default Istio"],
    [
      [
        "`solo`",
        defaultVersion.solo,
        `any; [\`nodePort\`](settings.md#clustersnodeport) from 1.${String(firstNodePort)}, ` +
          `most of [\`eastWestGateway\`](settings.md#eastwestgateway) from 1.${String(firstParameters)}, ` +
          `[\`linkMethod: chart\`](settings.md#linkmethod), and registries without a repo key, from 1.${String(firstKeyless)}`,
        defaultGatewayApi(defaultVersion.solo),
        kubernetes(minorOf(defaultVersion.solo)),
      ],
      [
        "`community`",
        defaultVersion.community,
        `1.${String(firstCommunity)}`,
        defaultGatewayApi(defaultVersion.community),
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
    releases: `Releases that come with the program: ${bundledReleases.join(", ")}.`,
    byIstio: tableOf(
      ["Istio", "Gateway API by default", "Ignores, where the definition is of an earlier release"],
      gatewayApiRows(),
    ),
    runtime: tableOf(
      ["What", "Version"],
      [["Node.js", `\`${engines.node}\``], ["Go, where a tool has to be built", `\`>=${neededGo}\``], ...pulumi],
    ),
    tools: tableOf(["Tool", "Taken from the `PATH`", "Otherwise", "Why"], named(Object.keys(catalogue) as ToolName[])),
  };
  return Object.entries(parts).reduce((text, [name, part]) => withPart(text, name, part), page);
}
