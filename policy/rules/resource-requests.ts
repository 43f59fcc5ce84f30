import { z } from "zod";
import { chartsOf, containers, isPatch, subject } from "../mesh";
import { resourceRule } from "../rule";
import { at, entries, missing, type Resource, text, unknown, type Value } from "../state";

/** A scheduler puts what asks for nothing anywhere, and a full node throws it out first. */
export const resourceRequests = resourceRule({
  name: "resource-requests",
  description: "Every container requests CPU and memory, and no value removes the requests of the mesh's own.",
  parameters: z.object({
    resources: z.array(z.string()).default(["cpu", "memory"]).describe("What a container has to request"),
  }),
  evaluate: (resource, { resources }) => [
    ...containers(resource)
      .filter(({ lasting }) => lasting)
      .flatMap(({ name, path, value }) =>
        resources.flatMap((what) =>
          asks(at(value, "resources"), what) || filledIn(value) || leavesOut(resource, value, what)
            ? []
            : [
                `Container ${name} of ${subject(resource)} does not request ${what}. Set ${path}.resources.requests.${what}.`,
              ],
        ),
      ),
    ...chartsOf(resource).flatMap(({ part, values }) =>
      part === undefined ? [] : removed(values, ["values"], resources),
    ),
  ],
});

/** A limit without a request is the request. */
function asks(all: Value | undefined, what: string): boolean {
  return ["requests", "limits"].some((kind) => {
    const value = at(all, kind, what);
    return value === unknown || (!missing(value) && !isNothing(value));
  });
}

/** `0`, `0m`, `0.0Gi` */
function isNothing(quantity: Value | undefined): boolean {
  return /^0+(\.0*)?[a-z]*$/i.test(text(quantity) ?? "");
}

/** A patch of an object that may have requests already. */
function leavesOut(resource: Resource, container: Value, what: string): boolean {
  return isPatch(resource) && at(container, "resources", "requests", what) === undefined;
}

/** istiod fills in the container of a gateway whose image it fills in. */
function filledIn(container: Value): boolean {
  return text(container, "image") === "auto";
}

/** Istio's charts have requests of their own, which null takes away (and an empty map does not). */
function removed(value: Value, path: readonly string[], resources: readonly string[]): string[] {
  return entries(value).flatMap(([key, entry]) => {
    const here = [...path, key];
    if (key !== "resources") {
      return removed(entry, here, resources);
    }
    const requests = at(entry, "requests");
    const gone = resources.filter((what) => {
      const request = at(requests, what);
      return request === null || isNothing(request);
    });
    return entry === null || requests === null
      ? [`${here.join(".")} removes the requests that the chart sets. Leave it out, or set requests.`]
      : gone.map((what) => `${here.join(".")}.requests.${what} requests nothing. Leave it out, or set what is needed.`);
  });
}
