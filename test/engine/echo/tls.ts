import { version } from "@pulumi/tls/package.json";
import { serve } from "../../../rehearsal/plugins/protocol/serve";
import { tls } from "../../../rehearsal/plugins/tls/provider";
import { recorded } from "./recorded";

serve(recorded(tls), version);
