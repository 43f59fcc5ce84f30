import { describe, expect, it } from "vitest";
import type { Report, Status } from "../../../checks";
import { rules } from "../../../policy/rules";
import { Console } from "../../../rehearsal/console";
import type { Results } from "../../../rehearsal/results";
import { printSummary, type SummaryOptions } from "../../../rehearsal/summary";

class Transcript extends Console {
  told = "";

  override write(text: string): void {
    this.told += `${text}\n`;
  }
}

const finding = { passed: "it is", notObservable: "nobody can tell", failed: "it is not" } as const;

function report(...statuses: readonly (keyof typeof finding)[]): Report {
  const count = (status: Status) => statuses.filter((one) => one === status).length;
  return {
    schemaVersion: 1,
    source: { kind: "rehearsal", name: "dev" },
    mode: "check",
    startedAt: "2026-01-01T00:00:00Z",
    seconds: 1,
    clusters: ["a", "bb"],
    checks: statuses.map((status, index) => ({
      id: `check-${String(index)}`,
      title: `Title ${String(index)}`,
      status,
      seconds: 0,
      findings: [{ status, message: finding[status], ...(status === "failed" && { remedy: "mend it" }) }],
    })),
    summary: {
      passed: count("passed"),
      notObservable: count("notObservable"),
      failed: count("failed"),
      notApplicable: 0,
      warning: 0,
      unknown: 0,
    },
    exitCode: statuses.includes("failed") ? 1 : 0,
  };
}

const cluster = { network: "flat-network", trustDomain: "cluster.local" };
const results: Results = {
  clusters: { a: cluster, bb: cluster },
  eastWestAddresses: { a: { type: "IPAddress", value: "10.0.0.1" } },
  links: [{ from: "a", to: "bb", via: "peer Gateway" }],
  missingPeers: [],
  topology: "flowchart LR\n  a --> bb\n",
  changes: { create: 3 },
  report: report("passed", "passed", "notObservable"),
  violations: [],
  kubectl: "kubectl",
};

function summary(changes: Partial<Results> = {}, options: Partial<SummaryOptions> = {}): string {
  const console = new Transcript();
  const given = { stack: "dev", folder: "/project/.flatmesh/dev", from: "/project", verbose: false, colour: false };
  printSummary({ ...results, ...changes }, { ...given, ...options }, console);
  return console.told;
}

describe("the end of a rehearsal", () => {
  it("says what stands, what holds, and what to do with it, and no more", () => {
    const policies = `${String(rules.length)} of ${String(rules.length)} policies`;
    expect(summary()).toBe(`
Running: 2 clusters, each with a real API server; nodes and pods only report that they run
  a   .flatmesh/dev/a.kubeconfig  linked to bb
  bb  .flatmesh/dev/bb.kubeconfig  no links

Passed: 2 checks, ${policies}
1 more check needs running pods: deploy the stack to kind or existing clusters (pulumi up --stack dev), then npm run check -- --stack dev

Inspect it:    kubectl --kubeconfig .flatmesh/dev/a.kubeconfig get gateways,pods -A
Change it:     edit Pulumi.dev.yaml, then npm start -- --stack dev
Take it down:  npm start -- --stack dev --down
`);
  });

  it("has commands that work where it was called, with the kubectl that there is", () => {
    const elsewhere = summary({ kubectl: "/cache/bin/kubectl" }, { from: "/home/me" });
    expect(elsewhere).toContain(
      "  /cache/bin/kubectl --kubeconfig /project/.flatmesh/dev/a.kubeconfig get gateways,pods -A\n",
    );
    const spaced = summary({}, { folder: "/my code/.flatmesh/dev", from: "/tmp" });
    expect(spaced).toContain("kubectl --kubeconfig '/my code/.flatmesh/dev/a.kubeconfig' get");
  });

  it("has addresses, the diagram and every check where that is asked for", () => {
    const told = summary({}, { verbose: true });
    expect(told).toContain("East-west addresses\n  a  10.0.0.1\nLinks\n  a → bb  (peer Gateway)\n\nflowchart LR\n");
    expect(told).toMatch(/\nChecks\n.*\nok +Title 0 \(check-0\)\n {2}ok: it is\n[^]*\nnot observable +Title 2/);
  });

  it("ends with what failed: nothing comes after it", () => {
    const told = summary({
      report: report("passed", "failed", "notObservable"),
      violations: [{ rule: "one-root", level: "mandatory", urn: "urn:x::y::a-root", message: "two roots" }],
    });
    expect(told).toContain(`Passed: 1 check, ${String(rules.length - 1)} of ${String(rules.length)} policies\n`);
    expect(told).toContain("\n  one-root (mandatory), a-root: two roots\n");
    const end = told.slice(told.indexOf("Checks that found a problem"));
    expect(end).toMatch(/FAILED +Title 1 \(check-1\)\n {2}FAILED: it is not\n {4}→ mend it\n/);
    expect(end).not.toContain("Title 0");
    expect(end).not.toContain("Title 2");
    expect(end).toMatch(/\n1 ok, 1 not observable, 1 FAILED \(1\.0 s\)\n$/);
  });

  it("does without clusters, and names missing peers", () => {
    const told = summary({ clusters: {}, links: [], report: undefined, missingPeers: ["acme/flatmesh/east"] });
    expect(told).toContain("Running: no clusters; stack dev has none\n  missing peers: acme/flatmesh/east\n");
    expect(told).not.toMatch(/kubectl|checks/);
  });
});
