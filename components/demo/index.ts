export { Demo, type DemoArgs } from "./demo";
export { demoImages } from "./images";
