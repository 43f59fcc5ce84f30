import { afterEach, expect, it } from "vitest";
import { runPreflight } from "../../../preflight";
import { parse } from "../settings/config";

const { platform } = process;
afterEach(() => {
  Object.defineProperty(process, "platform", { value: platform });
});

it("stops the program on Windows itself before anything is asked, with the way to run it there", async () => {
  Object.defineProperty(process, "platform", { value: "win32" });
  await expect(runPreflight(parse())).rejects.toThrow(
    /^This program does not run on Windows itself: .* Run it in WSL 2 .*\nSee docs\/compatibility\.md#the-machine-that-runs-it$/,
  );
});
