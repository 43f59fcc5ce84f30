import { version } from "@pulumi/command/package.json";
import { serve } from "../../../rehearsal/plugins/protocol/serve";
import { command, place } from "./command-provider";
import { recorded } from "./recorded";

serve(recorded(command, place), version);
