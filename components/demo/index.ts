export { Demo, type DemoArgs } from "./demo";
