import { readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { Report } from "../../checks";
import { documentProject } from "../../settings/reference";
import { checksPage } from "./checks";
import { compatibilityPage, type Package } from "./compatibility";
import { preflightPage } from "./preflight";
import { settingsPage } from "./settings";

const top = join(__dirname, "../..");

function versions(): Package {
  return JSON.parse(readFileSync(join(top, "package.json"), "utf8")) as Package;
}

/** What the code writes: by file, the file as it should be, made of the file as it is. */
export const pages: Readonly<Record<string, (text: string) => string>> = {
  "docs/settings.md": settingsPage,
  "docs/checks.md": checksPage,
  "docs/preflight.md": preflightPage,
  "docs/compatibility.md": (page) => compatibilityPage(page, versions()),
  "Pulumi.yaml": documentProject,
  "checks/report.schema.json": () => JSON.stringify(z.toJSONSchema(Report), undefined, 2),
};
