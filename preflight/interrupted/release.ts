import { isDeepStrictEqual, promisify } from "node:util";
import { gunzip } from "node:zlib";
import { z } from "zod";

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

/** No record that this program causes is longer when it is unpacked. */
const longest = 64 << 20;

/** Name and namespace of the release that an interrupted update was installing. */
export function releaseOf(inputs: unknown): { readonly name: string; readonly namespace: string } | undefined {
  return Inputs.safeParse(inputs).data;
}

/**
 * Whether Helm's record of a release is of the installation that an interrupted update has begun: the same chart with the same values.
 *
 * @param text Entry `release` of the record's Secret, as the Secret has it: base64 of Helm's own base64 of what is gzipped.
 */
export async function isRecordOf(text: string, inputs: unknown): Promise<boolean> {
  const wanted = Inputs.safeParse(inputs).data;
  try {
    const packed = Buffer.from(Buffer.from(text, "base64").toString(), "base64");
    const unpacked = await promisify(gunzip)(packed, { maxOutputLength: longest });
    const { name, chart, config } = Record.parse(JSON.parse(unpacked.toString()));
    const { version = chart.metadata.version } = wanted ?? {};
    return (
      wanted !== undefined &&
      name === wanted.name &&
      chart.metadata.version === version &&
      isDeepStrictEqual(config, wanted.values)
    );
  } catch {
    return false;
  }
}
