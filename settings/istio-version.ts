import { checkedString } from "./formats";
import type { Problem } from "./issues";

/**
 * What tags of Istio's images can end in, behind a dash: `distroless` and `debug` are the community's, the others Solo's
 * (https://docs.solo.io/istio/1.30.x/ambient/about/images/overview/). `default` stands for tags without such an end, as it does in
 * Istio's own configuration of proxies.
 */
export const variants = ["distroless", "fips-distroless", "fips", "debug", "default"] as const;

/** A number without leading zeros. */
const number = "(?:0|[1-9]\\d*)";
const numbers = new RegExp(`^v?(?<version>${number}\\.${number}\\.${number})(?<suffix>[-+].*)?$`, "s");
const known = new RegExp(`^(?<patch>-patch\\d+)?(?<rest>-solo)?(?:-(?<variant>${variants.join("|")}))?$`);

/** A version of Istio, without the suffixes that distribution and variant add; Solo's may end in `-patch0`. */
export const istioVersion = checkedString((value) => {
  const { version, suffix = "" } = numbers.exec(value)?.groups ?? {};
  if (version === undefined) {
    return notOneVersion(value);
  }
  const found = suffixProblem(version, suffix);
  if (found) {
    return found;
  }
  if (value.startsWith("v")) {
    return { problem: "starts with a v", remedy: `write "${value.slice(1)}"` };
  }
  return version.startsWith("1.")
    ? undefined
    : { problem: "is not a version of Istio", remedy: "write a version 1.x.y" };
});

function suffixProblem(version: string, suffix: string): Problem | undefined {
  if (/^-(alpha|beta|rc|dev|pre)/i.test(suffix)) {
    return { problem: "is a pre-release", remedy: `write a release, such as "${version}" once that is published` };
  }
  const { patch = "", rest = "", variant } = known.exec(suffix)?.groups ?? {};
  const right = `write "${version}${patch}"`;
  if (suffix === patch) {
    return undefined;
  }
  const more = [
    ...(variant === undefined || variant === "default" ? [] : [` and variant: ${variant}`]),
    ...(rest === "" ? [] : ["; distribution: solo adds -solo by itself"]),
  ];
  return known.test(suffix)
    ? { problem: `has the suffix ${suffix.slice(patch.length)}`, remedy: `drop it: ${right}${more.join("")}` }
    : {
        problem: `has the suffix ${suffix}, which no release of these distributions has`,
        remedy: `drop it: ${right}; variant chooses between FIPS, distroless and debug images`,
      };
}

function notOneVersion(value: string): Problem {
  const [, minor] = /^v?1\.(\d+)$/.exec(value) ?? [];
  const remedy = "write three numbers in quotes, such as";
  if (minor !== undefined) {
    // YAML makes the number 1.3 of 1.30, and Pulumi the text "1.3" of that.
    const whole = minor.length === 1 ? `${minor}0` : minor;
    const why = minor.length === 1 ? `, which YAML also makes of 1.${whole} without quotes` : "";
    return {
      problem: `is not a version of Istio: it names no release of 1.${minor}${why}`,
      remedy: `${remedy} "1.${whole}.0"`,
    };
  }
  return {
    problem: /[xX*^~<>=|]|^(latest|stable|master|main)$|^\d+$/.test(value)
      ? "is not a version of Istio: it could be any of several"
      : "is not a version of Istio",
    remedy: `${remedy} "1.28.5"`,
  };
}
