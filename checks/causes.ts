/** Which findings follow from others: one fault is often seen by several checks, and mending it mends them all. */
import type { Check, Finding } from "./check";
import { type Link, linksOf, type Mesh } from "./inventory";

/** A fault that explains a finding: which check has found it, and where. */
export interface Cause {
  readonly check: string;
  readonly cluster?: string;
  readonly peer?: string;
}

export interface ExplainedFinding extends Finding {
  /** Absent where it is explained by nothing else that was found. */
  readonly causedBy?: Cause;
}

interface Found {
  readonly check: Pick<Check, "id" | "causes">;
  readonly findings: readonly Finding[];
}

/** What can't be read there can't be judged. */
const unreadable = "reachable";

/** The findings of each check, with the first cause of those that have one. */
export function explain(found: readonly Found[], mesh: Mesh): ExplainedFinding[][] {
  const links = linksOf(mesh);
  const explained = new Map<string, readonly ExplainedFinding[]>();
  // A cause stands before its consequences: what explains it in turn is known by then.
  return found.map(({ check, findings }) => {
    const { inCluster = [], acrossLinks = [] } = check.causes ?? {};
    const faults = (ids: readonly string[]) =>
      ids.flatMap((id) =>
        (explained.get(id) ?? []).flatMap((fault) => (fault.status === "failed" ? [{ check: id, fault }] : [])),
      );
    const near = faults([unreadable, ...inCluster]);
    const far = faults(acrossLinks);
    const own = findings.map((finding): ExplainedFinding => {
      if (finding.status !== "failed" && finding.status !== "unknown") {
        return finding;
      }
      const cause =
        near.find(({ fault }) => isNear(fault, finding)) ??
        far.find(({ fault }) => isNear(fault, finding)) ??
        far.find(({ fault }) => isLinked(fault, finding, links));
      return cause === undefined ? finding : { ...finding, causedBy: cause.fault.causedBy ?? placeOf(cause) };
    });
    explained.set(check.id, own);
    return own;
  });
}

function placeOf({ check, fault: { cluster, peer } }: { readonly check: string; readonly fault: Finding }): Cause {
  return { check, ...(cluster !== undefined && { cluster }), ...(peer !== undefined && { peer }) };
}

/** The clusters that a finding is about. */
function placesOf({ cluster, peer }: Finding): string[] {
  return [cluster, peer].flatMap((name) => name ?? []);
}

/** Whether a fault is where a finding is. What breaks between two clusters breaks both ways, and in each of them. */
function isNear(fault: Finding, finding: Finding): boolean {
  const [causes, places] = [placesOf(fault), placesOf(finding)];
  const shared = causes.filter((name) => places.includes(name)).length;
  return causes.length === 0 || places.length === 0 || shared === Math.min(causes.length, places.length);
}

/** Whether a fault is in a cluster that calls, or is called by, the one that a finding is about. */
function isLinked(fault: Finding, finding: Finding, links: readonly Link[]): boolean {
  return (
    fault.peer === undefined &&
    finding.peer === undefined &&
    links.some(
      ({ from, to }) =>
        (from === fault.cluster && to === finding.cluster) || (from === finding.cluster && to === fault.cluster),
    )
  );
}
