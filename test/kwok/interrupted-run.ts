/** A rehearsal in a process of its own, so that a test can kill it: its one argument is the folder to keep it in. */
import { Console } from "../../rehearsal/console";
import { projectFolder } from "../../rehearsal/program";
import { rehearse } from "../../rehearsal/rehearse";
import { oneCluster } from "./one-cluster";

void rehearse(
  { stack: "test", keys: oneCluster, project: projectFolder, folder: process.argv[2] ?? "" },
  new Console(),
).then(() => {
  process.stdout.write("finished\n");
});
