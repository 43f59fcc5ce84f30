/** Part of `npm run document`: writes the JSON Schema of reports, for those who read them. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { Report } from "./report";

writeFileSync(join(__dirname, "report.schema.json"), `${JSON.stringify(z.toJSONSchema(Report), undefined, 2)}\n`);
