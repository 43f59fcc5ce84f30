import { z } from "zod";
import type { ApiServer } from "./api-server";
import type { ObjectReference } from "./repair-actions";

const Resources = z.object({
  resources: z.array(z.object({ name: z.string(), kind: z.string(), namespaced: z.boolean() })),
});

/** Where an API server has an object, such as `/api/v1/namespaces/demo`; undefined if it does not know its kind. */
export type PathOf = (reference: ObjectReference) => string | undefined;

/**
 * Asks an API server where it has the objects of some versions of its API, such as `apps/v1`; it is asked once for each.
 *
 * @throws Unreachable, Forbidden
 */
export async function objectPaths(server: ApiServer, apiVersions: Iterable<string>): Promise<PathOf> {
  const root = (apiVersion: string) => `/${apiVersion.includes("/") ? "apis" : "api"}/${apiVersion}`;
  const kinds = new Map(
    await Promise.all(
      [...new Set(apiVersions)].map(async (apiVersion) => {
        const { resources } = Resources.parse((await server.get(root(apiVersion))) ?? { resources: [] });
        return [apiVersion, resources] as const;
      }),
    ),
  );
  return ({ apiVersion, kind, name, namespace = "default" }) => {
    // Subresources, such as `deployments/scale`, have kinds as well.
    const found = kinds.get(apiVersion)?.find((one) => one.kind === kind && !one.name.includes("/"));
    const place = found?.namespaced === true ? `/namespaces/${encodeURIComponent(namespace)}` : "";
    return found && `${root(apiVersion)}${place}/${found.name}/${encodeURIComponent(name)}`;
  };
}
