import { isAuthority } from "../mesh";
import { noParameters, resourceRule } from "../rule";
import { at, missing, unknown } from "../view";

/** A cluster's authority signs workloads: one that may sign further authorities hands out the trust of the whole mesh. */
export const pathLength = resourceRule({
  name: "path-length",
  description: "Below an intermediate stands no other authority: its path length is 0.",
  parameters: noParameters,
  judge: (resource) => {
    const length = at(resource.inputs, "maxPathLength");
    if (isAuthority(resource, "intermediate") && length !== 0 && length !== unknown) {
      const found = missing(length) || typeof length !== "number" ? "no path length" : `path length ${String(length)}`;
      return [
        `Intermediate ${resource.name} has ${found}: whoever holds its key can make further authorities. Set maxPathLength: 0.`,
      ];
    }
    return isAuthority(resource, "root") && length === 0
      ? [`Root ${resource.name} has path length 0, with which no intermediate of it is accepted. Set maxPathLength: 1.`]
      : [];
  },
});
