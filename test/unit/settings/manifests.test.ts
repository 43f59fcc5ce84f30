import { describe, expect, it } from "vitest";
import { rehearsedSettings } from "../../../rehearsal/settings";
import { kind, linesOf, parse } from "./config";

describe("manifests", () => {
  it("are paths, or paths with the names of clusters, in their order", () => {
    const given = ["manifests/", { path: "a.yaml", clusters: ["b"] }];
    expect(parse({ manifests: given }).manifests).toEqual([
      { path: "manifests/" },
      { path: "a.yaml", clusters: ["b"] },
    ]);
    expect(parse().manifests).toEqual([]);
  });

  it.each([
    [
      "another cluster",
      [{ path: "a.yaml", clusters: ["east-1"] }],
      /clusters\[0\]: is not a cluster .* did you mean east-2\?/,
    ],
    ["a cluster twice", [{ path: "a.yaml", clusters: ["east-2", "b", "b"] }], /clusters\[2\]: is in the list already/],
    ["no cluster", [{ path: "a.yaml", clusters: [] }], /clusters: has 0 entries/],
    ["a URL", ["https://example.com/a.yaml"], /manifests\[0\]: is a URL/],
    ["no path", [{ clusters: ["b"] }], /manifests\[0\]\.path: is missing/],
    [
      "a mistyped key",
      [{ path: "a.yaml", cluster: ["b"] }],
      /manifests\[0\]\.cluster: is not a setting → did you mean clusters/,
    ],
    ["an empty path", [""], /manifests\[0\]: is empty/],
    ["one path instead of a list", "manifests/", /manifests: is a string, not a list/],
  ])("are refused with %s", (_, manifests, line) => {
    const clusters = [kind("east-2"), kind("b")];
    expect(linesOf({ clusters, manifests })).toEqual(expect.arrayContaining([expect.stringMatching(line)]));
  });

  it("are found by a rehearsal, which runs in another folder", () => {
    const keys = {
      license: "x",
      repoKey: "0123456789ab",
      clusters: [kind("a")],
      manifests: ["own/", { path: "/tmp/a.yaml", clusters: ["a"] }],
    };
    const { settings } = rehearsedSettings(keys, "/project");
    expect(settings.manifests).toEqual([{ path: "/project/own" }, { path: "/tmp/a.yaml", clusters: ["a"] }]);
  });
});
