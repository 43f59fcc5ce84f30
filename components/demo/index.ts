export { createDemos } from "./demos";
export { DemoApp, type DemoAppArgs, demoNamespace, demoObjects } from "./demo-app";
export { demoImages } from "./images";
