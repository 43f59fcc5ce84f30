import { parseAllDocuments } from "yaml";
import { z } from "zod";
import type { Json } from "../protocol/values";
import { helm } from "./helm";

/** What of the options of Pulumi's function is played here: a chart of this machine. */
const Options = z.strictObject({
  path: z.string(),
  release_name: z.string(),
  namespace: z.string(),
  skip_crd_rendering: z.literal(true),
  values: z.record(z.string(), z.unknown()),
});

/** The objects of a chart, rendered without a cluster, as Pulumi's function `kubernetes:helm:template` gives them. */
export async function templateChart(jsonOpts: string): Promise<Record<string, Json>> {
  const options = Options.parse(JSON.parse(jsonOpts));
  try {
    const manifest = await helm({
      args: ["template", options.release_name, options.path, "--namespace", options.namespace, "--values", "-"],
      stdin: JSON.stringify(options.values),
    });
    const objects = parseAllDocuments(manifest).map((document) => document.toJS() as Json);
    return { result: objects.filter((object) => object !== null) };
  } catch (error) {
    // As Pulumi's plugin says it.
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(
      `failed to generate YAML for specified Helm chart: failed to create chart from template: ${reason.replace(/^Error: /, "")}`,
    );
  }
}
