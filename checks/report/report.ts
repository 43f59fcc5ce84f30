import { z } from "zod";
import { statuses } from "../check";
import { printableJson, shortened } from "../../printable";

const Status = z.enum(statuses);

/** The result of a run, as `--output json` prints it. Fields are added, never renamed or taken away, under one `schemaVersion`. */
export const Report = z.strictObject({
  schemaVersion: z.literal(1),
  source: z.strictObject({
    kind: z.enum(["stack", "rehearsal", "settings", "contexts"]).describe("Where what is known of the mesh comes from"),
    name: z.string().describe("The stack's name, or the contexts with commas in between"),
  }),
  mode: z.enum(["check", "precheck"]),
  startedAt: z.iso.datetime(),
  seconds: z.number(),
  clusters: z.array(z.string()).describe("The mesh's names of the clusters that were looked at"),
  checks: z.array(
    z.strictObject({
      id: z.string(),
      title: z.string().describe("What holds when it passes"),
      status: Status.describe("The worst of its findings"),
      // Reports of earlier versions do not have it.
      see: z.string().optional().describe("The section of this repository's documents that tells of the check"),
      seconds: z.number(),
      findings: z.array(
        z.strictObject({
          status: Status,
          cluster: z.string().optional().describe("Absent for what is between several"),
          // Reports of earlier versions do not have the following two.
          peer: z.string().optional().describe("The other cluster, where it is about one and another"),
          causedBy: z
            .strictObject({ check: z.string(), cluster: z.string().optional(), peer: z.string().optional() })
            .optional()
            .describe("The fault that explains it, by the check that has found it, and where: mend that first"),
          message: z.string(),
          remedy: z.string().optional(),
          // Reports of earlier versions do not have it.
          calls: z
            .array(z.strictObject({ from: z.string(), to: z.string(), sourceAddress: z.string().optional() }))
            .optional()
            .describe(
              "Calls from pods to pods that were answered, with the address that the called pod saw them come from, where that is known",
            ),
        }),
      ),
    }),
  ),
  summary: z.record(Status, z.number()).describe("How many checks came to which status"),
  exitCode: z.literal([0, 1, 2]),
});
export type Report = z.output<typeof Report>;

/** The maximum length of a name or message in a report, in characters: it may contain text from a cluster. */
export const longestText = 4000;

export function jsonReport(report: Report): string {
  return printableJson(short(Report.parse(report)));
}

/** A value with no text in it that is longer than a report's may be. */
function short(value: unknown): unknown {
  if (typeof value === "string") {
    return shortened(value, longestText);
  }
  if (Array.isArray(value)) {
    return value.map(short);
  }
  return typeof value === "object" && value !== null
    ? Object.fromEntries(Object.entries(value).map(([key, entry]) => [key, short(entry)]))
    : value;
}
