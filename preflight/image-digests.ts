import { z } from "zod";
import { pinnedImages } from "../components/mesh";
import type { Settings } from "../settings";
import type { StackState } from "../stacks";
import { failure, type Problem } from "./problems";

const image = z.string().optional().catch(undefined);
const Release = z.object({
  values: z.object({
    image,
    global: z
      .object({ proxy: z.object({ image }).optional() })
      .optional()
      .catch(undefined),
  }),
});

/**
 * A node goes by the digest of an image alone: one that stays while the version changes would keep the old image, under a tag that
 * says otherwise.
 */
export function judgeImageDigests(settings: Settings, state: StackState): Problem[] {
  const wanted = Object.entries(pinnedImages(settings)).map(([name, reference]) => ({ name, ...parts(reference) }));
  if (wanted.length === 0) {
    return [];
  }
  const recorded = [...state].flatMap(([resource, outputs]) => {
    const read = resource.startsWith("kubernetes:helm.sh/v3:Release ") ? Release.safeParse(outputs).data : undefined;
    return [read?.values.image, read?.values.global?.proxy?.image].flatMap((text) => (text ? [parts(text)] : []));
  });
  return wanted.flatMap(({ name, repository, tag, digest }) => {
    const before = recorded.find((one) => one.digest === digest && one.tag !== tag);
    return before === undefined
      ? []
      : [
          failure(
            `imageDigests.${name} is the digest of ${before.tag}, and the settings now ask for ${tag}: nodes would go on with the ` +
              `former image. Write the digest of ${repository}:${tag} (crane digest ${repository}:${tag}), or leave it out.`,
            "docs/registries.md#images-by-digest",
          ),
        ];
  });
}

/** Of `repository:tag@digest`. */
function parts(reference: string): { readonly repository: string; readonly tag: string; readonly digest: string } {
  const [name = "", digest = ""] = reference.split("@");
  const colon = name.lastIndexOf(":");
  return { repository: name.slice(0, colon), tag: name.slice(colon + 1), digest };
}
