import { PreconditionError } from "../../diagnostics";

/** A kubeconfig that is not accepted. The message says where it is and what is wrong, but never quotes it: it holds credentials. */
export class KubeconfigError extends PreconditionError {
  /**
   * @param where What has the kubeconfig, as the subject of a sentence.
   * @param problem What is wrong, as its predicate: "has a field exec".
   * @param remedy What to do, as an instruction.
   */
  constructor(
    readonly where: string,
    readonly problem: string,
    readonly remedy: string,
  ) {
    super(`${where} ${problem}: ${remedy}.`, "docs/existing-clusters.md#kubeconfigs");
  }

  /** The same error of a cluster of the mesh. */
  about(cluster: string): KubeconfigError {
    return new KubeconfigError(`Cluster ${cluster}: ${this.where}`, this.problem, this.remedy);
  }

  /** The message without the address of the documents, for a report that has its own. */
  get sentence(): string {
    return `${this.where} ${this.problem}: ${this.remedy}.`;
  }
}

/** What to do with a text that no tool can have written. */
export const replace = "replace it with a valid one";
