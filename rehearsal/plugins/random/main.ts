import { serve } from "../protocol/serve";
import { random } from "./provider";
import { version } from "@pulumi/random/package.json";

serve(random, version);
