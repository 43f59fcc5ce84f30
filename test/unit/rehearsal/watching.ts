/** A process that works until it should end, and then writes why into a file: its one argument. */
import { writeFileSync } from "node:fs";
import { RunEnded, watchForEnd } from "../../../rehearsal/ending";

void watchForEnd().then((end) => {
  end.addEventListener("abort", () => {
    const { reason, exitCode } = end.reason as RunEnded;
    writeFileSync(process.argv[2] ?? "", reason);
    process.exit(exitCode);
  });
  setInterval(() => process.stdout.write("working\n"), 50);
});
