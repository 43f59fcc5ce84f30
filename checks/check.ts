import type { Mesh } from "./inventory";

/**
 * What a check found, best first. `notObservable`: only running pods could tell, and none run here (kwok). `unknown`: it could
 * not read something (no answer, no permission).
 */
export const statuses = ["notApplicable", "passed", "notObservable", "warning", "unknown", "failed"] as const;
export type Status = (typeof statuses)[number];

/** Whether a status needs attention. */
export function isTrouble(status: Status): boolean {
  return status === "warning" || status === "unknown" || status === "failed";
}

/** Where docs/ explains what a check reads, and what to do if it fails; relative to the root of the repository. */
export function sectionOfCheck(id: string): string {
  return `docs/troubleshooting.md#${id}`;
}

/** One thing that holds, or does not. */
export interface Finding {
  readonly status: Status;
  /** The mesh's name of the cluster that it is about; absent for what is between several. */
  readonly cluster?: string;
  /** The other cluster, where it is about one and another. */
  readonly peer?: string;
  /** What is, with the places it is in. Never a secret. */
  readonly message: string;
  /** What to do about it. */
  readonly remedy?: string;
  /** The calls that it is about, where it is about some. */
  readonly calls?: readonly AnsweredCall[];
}

/** A call from a pod to a pod that was answered. */
export interface AnsweredCall {
  /** `<namespace>/<name>` */
  readonly from: string;
  readonly to: string;
  /** The address that the pod which was called saw it come from; absent where nobody knows. */
  readonly sourceAddress?: string;
}

/** Which checks' faults explain what a check finds. All of them stand before it in the list of checks. */
export interface Causes {
  /** Those that explain it in the cluster that they are in. */
  readonly inCluster?: readonly string[];
  /** Those that explain it in clusters linked with that one as well. */
  readonly acrossLinks?: readonly string[];
}

/** A question to a mesh. It changes nothing in it. */
export interface Check {
  /** For `--only`, and for machines that read reports: never renamed. */
  readonly id: string;
  /** What holds when it passes, as a sentence without a full stop. */
  readonly title: string;
  /** Where the same fault is the subject of another check, which has the remedy. A cluster that can't be read explains everything. */
  readonly causes?: Causes;
  /**
   * @throws Unreachable, Forbidden where it can't read anything. What concerns one cluster only is caught by {@link forEachCluster}.
   */
  run(mesh: Mesh): Promise<readonly Finding[]>;
}

/** Findings about one cluster, or, without a name, about several. */
export class FindingCollector {
  readonly list: Finding[] = [];

  /**
   * @param peer The other cluster, where all findings are about two.
   * @param found Hears of each finding when it is made.
   */
  constructor(
    private readonly cluster?: string,
    private readonly found: (finding: Finding) => void = () => undefined,
    private readonly peer?: string,
  ) {}

  /** Collects here what is found between the cluster and another one. */
  between(peer: string): FindingCollector {
    return new FindingCollector(
      this.cluster,
      (finding) => {
        this.keep(finding);
      },
      peer,
    );
  }

  passed(message: string, calls?: readonly AnsweredCall[]): void {
    this.add("passed", message, undefined, calls);
  }

  failed(message: string, remedy: string): void {
    this.add("failed", message, remedy);
  }

  warning(message: string, remedy: string): void {
    this.add("warning", message, remedy);
  }

  unknown(message: string, remedy: string): void {
    this.add("unknown", message, remedy);
  }

  notObservable(message: string): void {
    this.add("notObservable", message);
  }

  notApplicable(message: string): void {
    this.add("notApplicable", message);
  }

  private add(status: Status, message: string, remedy?: string, calls?: readonly AnsweredCall[]): void {
    this.keep({
      status,
      ...(this.cluster !== undefined && { cluster: this.cluster }),
      ...(this.peer !== undefined && { peer: this.peer }),
      message,
      ...(remedy !== undefined && { remedy }),
      ...(calls !== undefined && { calls }),
    });
  }

  private keep(finding: Finding): void {
    this.list.push(finding);
    this.found(finding);
  }
}

/** The worst of several findings; `notApplicable` where there are none. */
export function worst(findings: readonly Pick<Finding, "status">[]): Status {
  return statuses[Math.max(0, ...findings.map(({ status }) => statuses.indexOf(status)))] ?? "notApplicable";
}
