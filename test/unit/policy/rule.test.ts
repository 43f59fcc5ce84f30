import { expect, it } from "vitest";
import { noParameters, resourceRule, stackRule } from "../../../policy/rule";
import { namespace } from "./resources";

const said = "image \u001b[2J\u202ex <{%boom%}>";
const shown = "image \\x1b[2J\\u202ex \\x3c{%boom%}\\x3e";
const common = { name: "a", description: "", parameters: noParameters };

it("has messages that are printable, whatever values they quote", () => {
  const one = resourceRule({ ...common, judge: () => [said] });
  const all = stackRule({ ...common, judge: () => [{ urn: "urn", message: said, level: "advisory" }] });
  expect(one.judge(namespace("a"), {})).toEqual([shown]);
  expect(all.judge({ resources: [] }, {})).toEqual([{ urn: "urn", message: shown, level: "advisory" }]);
});
