import { describe, expect, it } from "vitest";
import { linesOf, parse } from "./config";

const community = { distribution: "community", license: undefined, repoKey: undefined };

describe("a version of Istio", () => {
  it.each(["1.24.3", "1.27.3-patch0", "1.28.5"])("may be %s", (istioVersion) => {
    expect(parse({ istioVersion }).istioVersion).toBe(istioVersion);
  });

  it.each([
    [
      "1.28.5-solo-fips",
      'has the suffix -solo-fips → drop it: write "1.28.5" and variant: fips; distribution: solo adds -solo by itself',
    ],
    [
      "1.27.3-patch0-solo",
      'has the suffix -solo → drop it: write "1.27.3-patch0"; distribution: solo adds -solo by itself',
    ],
    [
      "1.27.3-patch0-solo-fips-distroless",
      'has the suffix -solo-fips-distroless → drop it: write "1.27.3-patch0" and variant: fips-distroless; ' +
        "distribution: solo adds -solo by itself",
    ],
    ["v1.28.5-distroless", 'has the suffix -distroless → drop it: write "1.28.5" and variant: distroless'],
    ["1.28.5-debug", 'has the suffix -debug → drop it: write "1.28.5" and variant: debug'],
    [
      "1.28.5-tetrate-v0",
      "has the suffix -tetrate-v0, which no release of these distributions has → " +
        'drop it: write "1.28.5"; variant chooses between FIPS, distroless and debug images',
    ],
    ["1.28.0-rc.0", 'is a pre-release → write a release, such as "1.28.0" once that is published'],
    ["1.28.0-alpha.1", 'is a pre-release → write a release, such as "1.28.0" once that is published'],
    [
      "1.29",
      'is not a version of Istio: it names no release of 1.29 → write three numbers in quotes, such as "1.29.0"',
    ],
    [
      "1.3",
      "is not a version of Istio: it names no release of 1.3, which YAML also makes of 1.30 without quotes → " +
        'write three numbers in quotes, such as "1.30.0"',
    ],
    [
      "1.29.x",
      'is not a version of Istio: it could be any of several → write three numbers in quotes, such as "1.28.5"',
    ],
    [
      "latest",
      'is not a version of Istio: it could be any of several → write three numbers in quotes, such as "1.28.5"',
    ],
    ["1-28-5", 'is not a version of Istio → write three numbers in quotes, such as "1.28.5"'],
    ["1.028.5", 'is not a version of Istio → write three numbers in quotes, such as "1.28.5"'],
    [" 1.28.5", 'has a space or line break around it → remove it; write three numbers in quotes, such as "1.28.5"'],
    [
      "1.24.2",
      "is too old: Solo's distribution links clusters from 1.24.3 on → write 1.24.3 or later, or leave it out for 1.28.5",
    ],
  ])("is not %s", (istioVersion, line) => {
    expect(linesOf({ istioVersion })).toEqual([`istioVersion: ${line}`]);
  });

  it("of the community has no patches", () => {
    expect(linesOf({ ...community, istioVersion: "1.31.0-patch0" })).toEqual([
      "istioVersion: is a version of the solo distribution: the community has no patches of a release → " +
        'write "1.31.0", or distribution: solo',
    ]);
  });
});

describe("a variant of its images", () => {
  it.each([
    ["fips", {}],
    ["fips-distroless", {}],
    ["default", {}],
    ["debug", { images: "mirror.example.com/istio" }],
    ["debug", community],
    ["fips", { ...community, images: "mirror.example.com/istio" }],
  ])("may be %s with %j", (variant, settings) => {
    expect(parse({ ...settings, variant }).variant).toBe(variant);
  });

  it.each<[Record<string, unknown>, string]>([
    [
      { ...community, variant: "fips" },
      "variant: is for the solo distribution: the community publishes no FIPS images → " +
        "write distribution: solo, or give images, a hub that has FIPS images",
    ],
    [
      { variant: "debug" },
      "variant: is for the community distribution: Solo's comes in FIPS and distroless variants → " +
        "write default for images with a shell, or give images, a hub that has debug images",
    ],
    [{ variant: "fips", istioVersion: "1.26.1" }, "istioVersion: has no FIPS images → write 1.26.1-patch0 or later"],
    [
      { variant: "FIPS" },
      "variant: is not an allowed value → write distroless or fips-distroless or fips or debug or default",
    ],
  ])("is refused: %j", (settings, line) => {
    expect(linesOf(settings)).toEqual([line]);
  });
});
