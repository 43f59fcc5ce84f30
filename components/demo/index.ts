export { Demo, type DemoArgs } from "./demo";
export { demoImages } from "./images";
export { demoObjects } from "./objects";
export { demoNamespace } from "./workload";
