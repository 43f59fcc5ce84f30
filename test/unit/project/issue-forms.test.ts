/** Issue forms are as GitHub takes them: it shows none that has a fault, without telling anybody. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { z } from "zod";
import { projectFolder } from "../../../rehearsal/program";

const folder = join(projectFolder, ".github", "ISSUE_TEMPLATE");
const read = (file: string): unknown => parse(readFileSync(join(folder, file), "utf8"));

const text = z.string().min(1);
const question = {
  id: z.string().regex(/^[\w-]+$/),
  validations: z.strictObject({ required: z.boolean() }).optional(),
};
const words = { label: text, description: text.optional() };
const Form = z.strictObject({
  name: text,
  description: text,
  labels: z.array(text),
  body: z.array(
    z.discriminatedUnion("type", [
      z.strictObject({ type: z.literal("markdown"), attributes: z.strictObject({ value: text }) }),
      z.strictObject({
        type: z.literal("textarea"),
        ...question,
        attributes: z.strictObject({ ...words, placeholder: text.optional(), render: text.optional() }),
      }),
      z.strictObject({
        type: z.literal("input"),
        ...question,
        attributes: z.strictObject({ ...words, placeholder: text.optional() }),
      }),
      z.strictObject({
        type: z.literal("dropdown"),
        ...question,
        attributes: z.strictObject({ ...words, options: z.array(text).min(1) }),
      }),
    ]),
  ),
});

const forms = readdirSync(folder).filter((file) => file !== "config.yml");

describe.each(forms)("%s", (file) => {
  it("has a form that GitHub takes, with each question once", () => {
    const { body } = Form.parse(read(file));
    const questions = body.flatMap((part) => ("id" in part ? [part] : []));
    expect(questions.length).toBeGreaterThan(0);
    expect(new Set(questions.map(({ id }) => id)).size).toBe(questions.length);
    expect(new Set(questions.map(({ attributes }) => attributes.label)).size).toBe(questions.length);
  });
});

it("an issue without a form can't be opened", () => {
  expect(read("config.yml")).toEqual({ blank_issues_enabled: false });
});
