import { version } from "@pulumi/kubernetes/package.json";
import { serve } from "../../../rehearsal/plugins/protocol/serve";
import { kubernetes, place } from "./kubernetes-provider";
import { recorded } from "./recorded";

serve(recorded(kubernetes, place), version);
