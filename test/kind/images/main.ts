/** `npm run images`: makes the images of the kind tests beforehand, which `npm run test:kind` would do otherwise. */
import { messageOf, type Progress } from "../../../rehearsal/tools";
import { checkEngine, provideKindImages } from ".";

const progress: Progress = {
  step: (message) => {
    process.stderr.write(`${message}\n`);
  },
};

async function main(): Promise<void> {
  await checkEngine();
  await provideKindImages(progress);
}

main().catch((error: unknown) => {
  process.stderr.write(`${messageOf(error)}\n`);
  process.exitCode = 1;
});
