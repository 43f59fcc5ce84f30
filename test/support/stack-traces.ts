/**
 * Pulumi takes down a stack trace for every promise it makes. Mapping those back to their sources, as Vitest does with every
 * trace, took a quarter of the time of tests that run the program: the traces of errors that Pulumi makes stay as they are.
 */
const mapped = Error.prepareStackTrace;

Error.prepareStackTrace = (error, frames) =>
  mapped && !frames[0]?.getFileName()?.includes("/node_modules/@pulumi/")
    ? (mapped(error, frames) as unknown)
    : [String(error), ...frames.map((frame) => `    at ${String(frame)}`)].join("\n");
