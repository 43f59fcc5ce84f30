export { type ChartReference, Release, type ReleaseArgs } from "./release";
