import type { Settings } from "../../../settings";
import { communityValues } from "./community";
import { soloValues } from "./solo";
import type { ChartValues, ValuesArgs } from "./values";

export type { ChartValues, Values, ValuesArgs } from "./values";

/** The values of the charts, by distribution. */
export const chartValues: Record<Settings["distribution"], (args: ValuesArgs) => ChartValues> = {
  solo: soloValues,
  community: communityValues,
};
