import { serve } from "../protocol/serve";
import { kubernetes } from "./provider";
import { version } from "@pulumi/kubernetes/package.json";

serve(kubernetes, version);
