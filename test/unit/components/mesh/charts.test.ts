import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { chartOf, istioTag } from "../../../../components/mesh";
import { parse } from "../../settings/config";

describe("a chart of an OCI registry", () => {
  it.each([
    ["solo up to 1.28", {}, "oci://us-docker.pkg.dev/gloo-mesh/istio-helm-0123456789ab/istiod", "1.28.5-solo"],
    [
      "solo from 1.29",
      { istioVersion: "1.29.1", repoKey: undefined },
      "oci://us-docker.pkg.dev/soloio-img/istio-helm/istiod",
      "1.29.1-solo",
    ],
    [
      "community",
      { distribution: "community", license: undefined, repoKey: undefined, istioVersion: "1.31.0" },
      "oci://ghcr.io/istio/release/charts/istiod",
      "1.31.0",
    ],
    ["a mirror", { charts: "oci://mirror.example.com/istio/" }, "oci://mirror.example.com/istio/istiod", "1.28.5-solo"],
  ])("is that of %s", (_, settings, chart, version) => {
    expect(chartOf(parse(settings), "istiod")).toEqual({ chart, version });
    expect(istioTag(parse(settings))).toBe(version);
  });
});

describe("a chart of a folder", () => {
  let folder = "";
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "flatmesh-charts-"));
  });
  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  it("is the packaged chart of the version", () => {
    const chart = join(folder, "istiod-1.28.5-solo.tgz");
    writeFileSync(chart, "");
    expect(chartOf(parse({ charts: folder }), "istiod")).toEqual({ chart, version: "1.28.5-solo" });
  });

  it.each([
    [["istiod-1.28.4-solo.tgz", "base-1.28.5-solo.tgz", "README.md"], "base-1.28.5-solo.tgz, istiod-1.28.4-solo.tgz"],
    [[], "none"],
  ])("is missed by name, beside what is there: %s", (files, listed) => {
    files.forEach((file) => {
      writeFileSync(join(folder, file), "");
    });
    expect(() => chartOf(parse({ charts: folder }), "istiod")).toThrow(
      `charts: ${folder}/istiod-1.28.5-solo.tgz does not exist (packaged charts in the folder: ${listed}). Put the chart there ` +
        `(helm pull … --version 1.28.5-solo --destination ${folder}), or correct charts or istioVersion.`,
    );
  });

  it("is missed in a folder that is not there", () => {
    expect(() => chartOf(parse({ charts: join(folder, "none") }), "istiod")).toThrow(
      "(packaged charts in the folder: none)",
    );
  });
});
