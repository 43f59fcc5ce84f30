import { describe, expect, it } from "vitest";
import { issuesOf, kind, linesOf, parse } from "./config";

const digest = `@sha256:${"a".repeat(64)}`;

describe("an image hub", () => {
  it.each(["docker.io/istio", "localhost:5000", "localhost:5000/istio", "GCR.io/istio-release", "istio"])(
    "may be %s",
    (images) => {
      expect(parse({ images }).images).toBe(images);
    },
  );

  it.each([
    ["docker.io/Istio", "has upper-case letters, which no registry allows in a path → write docker.io/istio"],
    ["MyOrg/istio", "has upper-case letters, which no registry allows in a path → write myorg/istio"],
    ["https://docker.io/istio/", "has the scheme https:// → write docker.io/istio"],
    ["https://docker.io/Istio:1", "has the scheme https:// → write docker.io/istio"],
    ["registry:5000/istio:1.28", "is not an image hub: it ends in a tag → write registry:5000/istio, without a tag"],
    ["istio:1.28", "is not an image hub: it ends in a tag → write istio, without a tag"],
    [`docker.io/istio${digest}`, "is not an image hub: it ends in a digest → write docker.io/istio, without a digest"],
    [
      "docker.io/istio/pilot",
      "is not an image hub: it ends in the name pilot, which is added by itself → write docker.io/istio",
    ],
    ["docker.io/istio/pilot:1.28", "is not an image hub: it ends in a tag → write docker.io/istio"],
    [
      "docker.io//istio",
      "is not an image hub → write HOST/PATH without an image's name or tag, such as docker.io/istio",
    ],
  ])("is not %s", (images, line) => {
    expect(linesOf({ images })).toEqual([`images: ${line}`]);
  });
});

describe("a source of charts", () => {
  it.each([
    [
      "oci://ghcr.io/Istio/charts",
      "has upper-case letters, which no registry allows in a path → write oci://ghcr.io/istio/charts",
    ],
    [
      "oci://ghcr.io/charts:1.28",
      "is not a registry of charts: it ends in a tag → write oci://ghcr.io/charts, without a tag",
    ],
    [
      "oci://ghcr.io/charts/istiod",
      "is not a registry of charts: it ends in the name istiod, which is added by itself → write oci://ghcr.io/charts",
    ],
    [
      "https://example.com/charts",
      "is neither an OCI registry nor a folder: charts are not taken from repositories by http → " +
        "write oci://HOST/PATH without a tag, or a folder of packaged charts such as ./charts",
    ],
  ])("is not %s", (charts, line) => {
    expect(linesOf({ charts })).toEqual([`charts: ${line}`]);
  });
});

describe("an image", () => {
  it.each([
    ["kindest/Node:v1.34.0", "is not a container image: its name has upper-case letters → write kindest/node:v1.34.0"],
    [
      `Mirror/node:V1${digest}`,
      `is not a container image: its name has upper-case letters → write mirror/node:V1${digest}`,
    ],
  ])("is not %s", (nodeImage, line) => {
    expect(linesOf({ clusters: [kind("a", { nodeImage })] })).toEqual([`clusters[0].nodeImage: ${line}`]);
  });

  it("may have upper-case letters in its host and its tag", () => {
    const clusters = [kind("a", { nodeImage: "Mirror.example.com/node:V1" })];
    expect(parse({ clusters }).clusters).toMatchObject(clusters);
  });
});

it.each([
  { images: "admin:s3cret@registry.example.com/istio" },
  { images: "https://admin:s3cret@registry.example.com/istio" },
  { charts: "oci://admin:s3cret@registry.example.com/charts" },
  { charts: "https://registry.example.com/charts?token=s3cret" },
  { preloadImages: ["admin:s3cret@registry.example.com/x:1"] },
])("a password is not quoted: %j", (changes) => {
  expect(JSON.stringify(issuesOf(changes))).not.toContain("s3cret");
});
