import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { faultOfFolder } from "../../files";
import { SourceError } from "./errors";
import { meshOf } from "./outputs";
import { askPulumi } from "./pulumi";
import type { Source } from "./source";

/**
 * The mesh of a deployed stack, by its outputs; of its rehearsal, where there is one and the stack is not deployed, or where
 * that is asked for.
 *
 * @param folder The project's.
 * @throws SourceError
 */
export async function fromStack(folder: string, stack: string, rehearsal: boolean): Promise<Source> {
  const rehearsed = join(folder, ".flatmesh", stack);
  if (rehearsal) {
    return fromRehearsal(rehearsed, stack);
  }
  const answer = await askPulumi(folder, ["stack", "output", "--json", "--show-secrets", "--stack", stack]);
  if ("value" in answer && typeof answer.value === "object" && Object.keys(answer.value ?? {}).length > 0) {
    return { kind: "stack", name: stack, mesh: meshOf(answer.value, `stack ${stack}`) };
  }
  if (existsSync(join(rehearsed, "outputs.json"))) {
    return fromRehearsal(rehearsed, stack);
  }
  const reason = "reason" in answer ? answer.reason : "it has no outputs";
  throw new SourceError(
    `Stack ${stack} can't be checked: ${reason}, and there is no rehearsal of it. Deploy it (pulumi up --stack ${stack}), rehearse ` +
      `it (npm start -- --stack ${stack}), or name the clusters: npm run check -- --contexts A,B`,
  );
}

/**
 * The mesh of a rehearsal: its folder has the outputs without secrets, and the kubeconfigs beside them.
 *
 * @throws SourceError
 */
export function fromRehearsal(folder: string, stack: string): Source {
  const file = join(folder, "outputs.json");
  if (!existsSync(file)) {
    throw new SourceError(`There is no rehearsal of stack ${stack}: npm start -- --stack ${stack}`);
  }
  // Its kubeconfigs are followed, wherever they lead.
  const fault = faultOfFolder(folder);
  if (fault !== undefined) {
    throw new SourceError(`The rehearsal of stack ${stack} can't be checked. ${fault}.`);
  }
  const outputs: unknown = JSON.parse(readFileSync(file, "utf8"));
  const mesh = meshOf(outputs, `the rehearsal of stack ${stack}`, (cluster) =>
    readFileSync(join(folder, `${cluster}.kubeconfig`), "utf8"),
  );
  return { kind: "rehearsal", name: stack, mesh };
}
