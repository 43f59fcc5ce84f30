import { isDeepStrictEqual } from "node:util";
import { z } from "zod";
import { helmRecord } from "../../kubernetes";

const Inputs = z.object({
  name: z.string(),
  namespace: z.string(),
  version: z.string().optional(),
  values: z.record(z.string(), z.unknown()).default({}),
});

const Record = z.object({
  name: z.string(),
  chart: z.object({ metadata: z.object({ version: z.string() }) }),
  config: z
    .record(z.string(), z.unknown())
    .nullish()
    .transform((config) => config ?? {}),
});

/** Name and namespace of the release that an interrupted update was installing. */
export function releaseOf(inputs: unknown): { readonly name: string; readonly namespace: string } | undefined {
  return Inputs.safeParse(inputs).data;
}

/**
 * Whether Helm's record of a release is of the installation that an interrupted update has begun: the same chart with the same values.
 *
 * @param text Entry `release` of the record's Secret, as the Secret has it: base64 of Helm's own base64 of what is gzipped.
 */
export function isRecordOf(text: string, inputs: unknown): boolean {
  const wanted = Inputs.safeParse(inputs).data;
  const found = Record.safeParse(helmRecord(Buffer.from(text, "base64").toString())).data;
  return (
    wanted !== undefined &&
    found?.name === wanted.name &&
    found.chart.metadata.version === (wanted.version ?? found.chart.metadata.version) &&
    isDeepStrictEqual(found.config, wanted.values)
  );
}
