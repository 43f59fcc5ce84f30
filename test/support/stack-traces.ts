/**
 * Pulumi takes down a stack trace for every promise it makes. Mapping those back to their sources, as Vitest does with every
 * trace, took a quarter of the time of tests that run the program: the traces of errors that Pulumi makes stay as they are.
 */
type Prepare = (error: Error, frames: NodeJS.CallSite[]) => unknown;

const { prepareStackTrace: mapped } = Error as { readonly prepareStackTrace?: Prepare };

Error.prepareStackTrace = (error: Error, frames: NodeJS.CallSite[]): unknown =>
  mapped && !frames[0]?.getFileName()?.includes("/node_modules/@pulumi/")
    ? mapped(error, frames)
    : plain(error, frames);

/** As V8 writes it: call sites have a text of their own. */
function plain(error: Error, frames: readonly unknown[]): string {
  return [String(error), ...frames.map((frame) => `    at ${String(frame)}`)].join("\n");
}
