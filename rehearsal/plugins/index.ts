/**
 * Stand-ins for Pulumi's provider plugins, for machines that can't download them. They serve the plugin protocol for
 * the resource types this program uses, and do the real work. Test equipment: a real environment uses the real ones.
 */
export { installStandIns, plugins } from "./install";
export type { Plugin } from "./install";
