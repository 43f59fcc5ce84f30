import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import { type LayeredValue, secretTexts, valuesOf } from "../../chart-values";
import type { PlannedRelease } from "../../components/planned-releases";
import type { KubernetesObject } from "../../kubernetes";
import { withoutSecrets } from "../../printable";

const Rendered = z.object({
  result: z.array(
    z.looseObject({
      apiVersion: z.string(),
      kind: z.string(),
      metadata: z.looseObject({ name: z.string(), namespace: z.string().optional() }),
    }),
  ),
});

/** A chart that can't be rendered with the values that it was given. */
export class RenderError extends Error {}

/** A kubeconfig of nothing: charts are rendered without a cluster. */
const noCluster = JSON.stringify({ apiVersion: "v1", kind: "Config", clusters: [], contexts: [], users: [] });

/** Renders charts with Pulumi's Kubernetes plugin, which has Helm in it. */
export class Renderer {
  readonly #provider = new k8s.Provider("chart-values", { kubeconfig: noCluster });

  /**
   * @param file The packaged chart.
   * @returns Its objects, without definitions.
   * @throws RenderError with Helm's reason, in which no secret is quoted.
   */
  async render(
    file: string,
    release: PlannedRelease,
    values: readonly LayeredValue[],
  ): Promise<readonly KubernetesObject[]> {
    const options = {
      path: file,
      release_name: release.name,
      namespace: release.namespace,
      skip_crd_rendering: true,
      values: valuesOf(values, ({ value }) => (pulumi.Output.isInstance(value) ? "secret" : value)),
    };
    try {
      const invoked: unknown = await pulumi.runtime.invoke(
        "kubernetes:helm:template",
        { jsonOpts: JSON.stringify(options) },
        { provider: this.#provider },
      );
      return Rendered.parse(invoked).result;
    } catch (error) {
      if (error instanceof z.ZodError) {
        throw error;
      }
      throw new RenderError(reasonIn(error instanceof Error ? error.message : String(error), secretTexts(values)));
    }
  }
}

/** What Helm says, without the way on which it came. */
function reasonIn(message: string, secrets: readonly string[]): string {
  const [reason = message] = /(?<=failed to create chart from template: ).*/s.exec(message) ?? [];
  return withoutSecrets(reason.trim(), secrets);
}
