import { version } from "@pulumi/random/package.json";
import { serve } from "../../../rehearsal/plugins/protocol/serve";
import { random } from "../../../rehearsal/plugins/random/provider";
import { recorded } from "./recorded";

serve(recorded(random), version);
