/**
 * A rehearsal in a process of its own, which ends as `npm start` does, so that a test can end it: its one argument is the folder to
 * keep it in.
 */
import { Console } from "../../rehearsal/console";
import { RunEnded, watchForEnd } from "../../rehearsal/ending";
import { projectFolder } from "../../rehearsal/program";
import { rehearse } from "../../rehearsal/rehearse";
import { oneCluster } from "./one-cluster";

async function main(): Promise<void> {
  const args = { stack: "test", keys: oneCluster, project: projectFolder, folder: process.argv[2] ?? "" };
  await rehearse(args, new Console(), await watchForEnd());
  process.stdout.write("finished\n");
}

main().catch((error: unknown) => {
  process.stdout.write(`${String(error)}\n`);
  process.exit(error instanceof RunEnded ? error.exitCode : 99);
});
