import { expect, it } from "vitest";
import { noParameters, resourceRule, stackRule } from "../../../policy/rule";
import { namespace } from "./resources";

const said = "image \u001b[2J\u202ex <{%boom%}>";
const shown = "image \\x1b[2J\\u202ex \\x3c{%boom%}\\x3e";
const common = { name: "a", description: "", parameters: noParameters };

it("has messages that are printable, whatever values they quote", () => {
  const one = resourceRule({ ...common, evaluate: () => [said] });
  const all = stackRule({ ...common, evaluate: () => [{ urn: "urn", message: said, level: "advisory" }] });
  expect(one.evaluate(namespace("a"), {})).toEqual([shown]);
  expect(all.evaluate({ resources: [] }, {})).toEqual([{ urn: "urn", message: shown, level: "advisory" }]);
});
