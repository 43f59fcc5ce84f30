import { describe, expect, it } from "vitest";
import { type Check, checks, checkSource, type Finding, runChecks, textReport } from "../../../checks";
import { forEachCluster } from "../../../checks/inventory";
import { fakeCluster } from "./fake-cluster";

const clusters = ["a", "b", "c"].map((name) => fakeCluster(name, {}));
const expected = { links: [{ from: "a", to: "b" }] };
const check = (id: string, list: Finding[], causes?: Check["causes"]): Check => ({
  id,
  title: `${id} holds`,
  ...(causes && { causes }),
  run: () => Promise.resolve(list),
});
const failed = (cluster: string, peer?: string): Finding => ({
  status: "failed",
  cluster,
  ...(peer !== undefined && { peer }),
  message: `broken in ${cluster}`,
  remedy: "Mend it.",
});
const name = check("network-name", [failed("b")]);
const services = check("global-services", [failed("a"), failed("c")], { acrossLinks: ["network-name"] });
const calls = check("traffic", [failed("a", "b")], { inCluster: ["global-services"], acrossLinks: ["network-name"] });

describe("causes", () => {
  it("stand before their consequences in the list of checks", () => {
    const ids = checks.map(({ id }) => id);
    for (const [index, { causes = {} }] of checks.entries()) {
      const all = [...(causes.inCluster ?? []), ...(causes.acrossLinks ?? [])];
      expect(all.filter((id) => !ids.slice(0, index).includes(id))).toEqual([]);
    }
  });

  it("explain what is in their cluster or linked with it, and nothing else", async () => {
    const results = await runChecks([name, services, calls], { clusters, expected });
    const cause = { check: "network-name", cluster: "b" };
    expect(results.map(({ findings }) => findings.map(({ causedBy }) => causedBy))).toEqual([
      [undefined],
      [cause, undefined],
      [cause],
    ]);
  });

  it("are shown with their consequences below them", async () => {
    const source = { kind: "stack", name: "dev", mesh: { clusters, expected } } as const;
    const text = textReport(await checkSource(source, "check", [name, services, calls]), {
      colour: false,
      verbose: false,
    });
    expect(text).toContain(`  FAILED: b: broken in b
    → Mend it.
  Other findings that this explains:
    FAILED: a: broken in a (global-services)
    FAILED: a: broken in a (traffic)
`);
    expect(text).toContain("  1 finding explained by network-name, and shown there\n");
  });
});

describe("a check that does not end", () => {
  it("says what it has found until then, at once, and what it has not seen", async () => {
    const slow: Check = {
      ...check("slow", []),
      run: (mesh) =>
        forEachCluster(mesh, async (cluster, findings) => {
          findings.passed("answers");
          await (cluster.name === "b" ? new Promise(() => undefined) : undefined);
        }),
    };
    const heard: string[] = [];
    const [result] = await runChecks(
      [slow],
      { clusters, expected },
      {
        seconds: 0.2,
        found: (_, { cluster = "", status }) => heard.push(`${status} ${cluster}`),
      },
    );
    expect(heard.slice(0, 3)).toEqual(["passed a", "passed b", "passed c"]);
    expect(result?.findings.map(({ status, cluster }) => `${status} ${cluster ?? ""}`)).toEqual([
      "passed a",
      "passed b",
      "unknown b",
      "passed c",
    ]);
    expect(result?.seconds).toBeLessThan(2);
  });

  it("is one whatever it does", async () => {
    const stuck: Check = { ...check("stuck", []), run: () => new Promise(() => undefined) };
    const [result] = await runChecks([stuck], { clusters, expected }, { seconds: 0.1 });
    expect(result?.status).toBe("unknown");
    expect(result?.findings[0]?.message).toContain("not everything was looked at");
  });
});
