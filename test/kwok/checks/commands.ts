import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { bundledDefinitions } from "../../../preflight/gateway-api/bundles";
import { Console } from "../../../rehearsal/console";
import { provideIstioCharts } from "../../../rehearsal/tools";
import type { Environment } from "../environment";

/** What changes something: the others of a remedy's commands find out why. */
const changing =
  /^(echo '[^']*' \| )?(kubectl --context \S+ (annotate|apply|delete|label|patch|rollout restart|scale|set)|helm --kube-context \S+ (rollback|uninstall|upgrade)) /;

/** The commands in a remedy that mend something, as they stand there. */
export function commandsIn(remedy: string): string[] {
  const all =
    remedy.match(
      /(?:echo '[^']*' \| )?\b(?:kubectl --context|helm --kube-context) .*?(?=; | \(|\)|\. |, (?:and|or) |$)/g,
    ) ?? [];
  return all.map((command) => command.replace(/\.$/, "")).filter((command) => changing.test(command));
}

/** A command as somebody runs it who knows where the chart is from, and has the release of the Gateway API as a file. */
export async function completed(command: string, environment: Environment): Promise<string> {
  const [, release = "", version = ""] = / upgrade (\S+) CHART .*--version (\S+)/.exec(command) ?? [];
  if (version !== "") {
    const charts = await provideIstioCharts(version, new Console());
    return command.replace(" CHART ", ` ${join(charts, `${release.replace("istio-", "")}-${version}.tgz`)} `);
  }
  return command.replace(/https:\S+\/(v[\d.]+)\/standard-install\.yaml/, (_, bundle: string) => {
    const file = join(environment.folder, "standard-install.yaml");
    const items = bundledDefinitions(bundle);
    writeFileSync(file, JSON.stringify({ apiVersion: "v1", kind: "List", items }));
    return file;
  });
}
