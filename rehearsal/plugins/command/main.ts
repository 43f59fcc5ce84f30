import { serve } from "../protocol/serve";
import { localCommand } from "./provider";
import { version } from "@pulumi/command/package.json";

serve(localCommand, version);
