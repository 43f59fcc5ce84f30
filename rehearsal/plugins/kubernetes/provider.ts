import type { Provider, ResourceType } from "../protocol/provider";
import { configDifference } from "./config-difference";
import { ObjectType } from "./objects";
import { ReleaseType } from "./release";
import { openSession } from "./session";
import type { Session } from "./session";
import { readSettings } from "./settings";
import { templateChart } from "./template";
import { asText } from "../protocol/values";

const RELEASE = "kubernetes:helm.sh/v3:Release";

/** Other helpers of Pulumi's provider look like objects by their type, but are none. */
const NOT_OBJECTS = /^kubernetes:(helm\.sh|yaml|kustomize|pulumi)/;

let session: Session | undefined;

/** Objects of any kind, and Helm releases. */
export const kubernetes: Provider = {
  name: "kubernetes",
  diffConfig: configDifference,
  configure: async (settings) => {
    session = await openSession(readSettings(settings));
  },
  invoke: (token, args) => (token === "kubernetes:helm:template" ? templateChart(asText(args["jsonOpts"])) : undefined),
  resource: (type): ResourceType | undefined => {
    if (session === undefined) {
      throw new Error("The kubernetes plugin was asked for a resource before it was configured.");
    }
    if (type === RELEASE) {
      return new ReleaseType(session);
    }
    return NOT_OBJECTS.test(type) || !type.includes("/") ? undefined : new ObjectType(session, type);
  },
};
