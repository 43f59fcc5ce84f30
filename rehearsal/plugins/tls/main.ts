import { serve } from "../protocol/serve";
import { tls } from "./provider";
import { version } from "@pulumi/tls/package.json";

serve(tls, version);
