import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { local } from "@pulumi/command";
import type { types } from "@pulumi/command";
import { afterEach, beforeEach, expect, test } from "vitest";
import { Workbench } from "./workbench";

let bench: Workbench;
beforeEach(async () => {
  bench = await Workbench.open();
});
afterEach(async () => {
  await bench.close();
});

const command =
  (args: local.CommandArgs, options: pulumi.CustomResourceOptions = {}) =>
  () => {
    const { stdout, stderr } = new local.Command("it", args, options);
    return Promise.resolve({ stdout, stderr });
  };

test("input by stdin and environment, output by both streams without the last newline", async () => {
  const { outputs } = await bench.up(
    command({ create: "cat; echo; echo $WHO >&2", stdin: "in", environment: { WHO: "me" }, dir: "/" }),
  );
  expect(outputs).toEqual({ stdout: "in", stderr: "me" });
});

test("changed inputs run update, or create where there is none, with the previous output; delete gets it too", async () => {
  const file = join(bench.folder, "deleted");
  const without = (word: string) => command({ create: `echo ${word} after "$PULUMI_COMMAND_STDOUT"` });
  expect((await bench.up(without("one"))).outputs.stdout).toBe("one after ");
  expect((await bench.up(without("two"))).outputs.stdout).toBe("two after one after ");
  expect(await bench.preview(without("two"))).toEqual({ same: 2 });

  const update = command({
    create: "echo never",
    update: 'echo "updated $PULUMI_COMMAND_STDOUT"',
    delete: `echo "$PULUMI_COMMAND_STDOUT" > ${file}`,
  });
  const { outputs, changes } = await bench.up(update);
  expect(outputs.stdout).toBe("updated two after one after ");
  expect(changes).toEqual({ same: 1, update: 1 });
  await bench.destroy();
  expect(readFileSync(file, "utf8")).toBe("updated two after one after \n");
});

test("changed stdin and environment update; changed triggers replace, also one element", async () => {
  const args = (word: string, triggers: string[]) =>
    command({ create: "true", update: "true", stdin: word, environment: { WORD: word }, triggers });
  await bench.up(args("one", ["a", "b"]));
  expect(await bench.preview(args("two", ["a", "b"]))).toEqual({ same: 1, update: 1 });
  expect(await bench.preview(args("one", ["a", "c"]))).toEqual({ same: 1, replace: 1 });
  expect(await bench.preview(args("one", ["a"]))).toEqual({ same: 1, replace: 1 });
});

test("a failing command tells what it printed, and leaves nothing in the state", async () => {
  const message = await bench.failure(command({ create: "echo half; echo broken >&2; exit 3" }));
  expect(message).toContain("exit status 3");
  expect(message).toContain("half");
  expect(message).toContain("broken");
  expect(await bench.stateText()).not.toContain("command:local:Command");
});

test("output is shown as `logging` says", async () => {
  const shown = async (logging: types.enums.local.Logging | undefined, word: string) =>
    (await bench.up(command({ create: `echo out-$W; echo err-$W >&2`, environment: { W: word }, logging }))).log;
  const both = await shown(undefined, "w1");
  expect(both).toContain("out-w1");
  expect(both).toContain("err-w1");
  const errors = await shown("stderr", "w2");
  expect(errors.replace(/Outputs:[^]*$/, "")).not.toContain("out-w2");
  expect(errors).toContain("err-w2");
  const none = (await shown("none", "w3")).replace(/Outputs:[^]*$/, "");
  expect(none).not.toContain("out-w3");
  expect(none).not.toContain("err-w3");
});

test("secret input and output are encrypted in the state", async () => {
  await bench.up(
    command(
      { create: "cat", stdin: pulumi.secret("very-hidden"), logging: "none" },
      { additionalSecretOutputs: ["stdout"] },
    ),
  );
  expect(await bench.stateText()).not.toContain("very-hidden");
});

test("a preview runs nothing but functions, and knows no output", async () => {
  const file = join(bench.folder, "made");
  let known: string | undefined;
  const program = async () => {
    const made = new local.Command("made", { create: `touch ${file}; echo made` });
    new local.Command("uses", { create: pulumi.interpolate`echo ${made.stdout}` });
    made.stdout.apply((text) => (known = text));
    return { now: (await local.run({ command: "echo now" })).stdout };
  };
  expect(await bench.preview(program)).toEqual({ create: 3 });
  expect(known).toBeUndefined();
  expect(existsSync(file)).toBe(false);
  expect((await bench.up(program)).outputs.now).toBe("now");
  expect(known).toBe("made");
});

test("an input that the stand-in does not play is refused", async () => {
  expect(await bench.failure(command({ create: "true", assetPaths: ["*"] }))).toContain("does not play this input");
});
