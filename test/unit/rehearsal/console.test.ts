import { afterEach, describe, expect, it, vi } from "vitest";
import { Console } from "../../../rehearsal/console";

afterEach(() => {
  vi.restoreAllMocks();
});

describe("the console", () => {
  it("shows what others have written on the line that it is told on, and obeys none of it", () => {
    const write = vi.spyOn(process.stdout, "write").mockReturnValue(true);
    const console = new Console();
    console.print("  east  10.0.0.1\u001b[2J\n::add-mask::a");
    console.lines("flowchart LR\n  a --> b\u202e\n::add-mask::a");
    console.step("created Gateway a\nb");
    expect(write.mock.calls.map(([text]) => text)).toEqual([
      "  east  10.0.0.1\\x1b[2J\\n::add-mask::a\n",
      "flowchart LR\n  a --> b\\u202e\n\\x3a:add-mask::a\n",
      expect.stringMatching(/^ +\d+\.\d s {2}created Gateway a\\nb\n$/) as unknown,
    ]);
  });
});
