import { provideTools } from "../../rehearsal/tools";

/** Folder that has `bin/pulumi` in it. The first time on a machine this takes minutes, and says what it does. */
export async function pulumiRoot(): Promise<string> {
  const { pulumiRoot: root } = await provideTools([], {
    step: (message) => {
      process.stderr.write(`${message}\n`);
    },
  });
  return root;
}
