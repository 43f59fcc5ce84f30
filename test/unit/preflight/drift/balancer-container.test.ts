import { expect, it } from "vitest";
import { machineScript } from "../../../../components/clusters";
import { compareBalancers } from "../../../../preflight/drift/balancer-container";

const key = "command:local:Command load-balancers";
const name = "flatmesh-1111aaaa1111aaaa-load-balancers";
const environment = {
  NAME: name,
  OWNER: "1111aaaa1111aaaa",
  IMAGE: "hub/balancers:1",
  CREATE: machineScript("load-balancers-create"),
};

function judge(text: string, changes: object = {}) {
  const { value, problems } = compareBalancers(text, new Map([[key, { environment: { ...environment, ...changes } }]]));
  return { texts: value.flatMap(({ texts }) => texts), messages: problems.map(({ message }) => message) };
}
const nothing = { texts: [], messages: [] };

it.each([
  ["absent", `container ${name} is gone`],
  ["exited joined owner=1111aaaa1111aaaa image=hub/balancers:1", `container ${name} does not run (exited)`],
  ["paused joined owner=1111aaaa1111aaaa image=hub/balancers:1", `container ${name} does not run (paused)`],
  [
    "running apart owner=1111aaaa1111aaaa image=hub/balancers:1",
    `container ${name} is not on the network of the nodes`,
  ],
  ["running joined owner=1111aaaa1111aaaa image=hub/balancers:2", `container ${name} runs another image`],
  ["running joined owner=1111aaaa1111aaaa image=", `container ${name} runs another image`],
])("a container that is %s", (text, expected) => {
  expect(judge(`${text}\n`)).toEqual({ texts: [expected], messages: [] });
});

it.each([
  ["as the stack has started it", "running joined owner=1111aaaa1111aaaa image=hub/balancers:1", {}],
  ["restarting by itself", "restarting joined owner=1111aaaa1111aaaa image=hub/balancers:1", {}],
  ["nobody can ask for", "", {}],
  ["described in words that nobody knows", "up owner=", {}],
  ["gone, of another version's script, which changes the Command by itself", "absent", { CREATE: "another" }],
])("a container that is %s is no drift", (_, text, changes) => {
  expect(judge(text, changes)).toEqual(nothing);
});

it("somebody else's container of the name stays, and the plan says how to have the stack's own again", () => {
  const { texts, messages } = judge("running joined owner=2222bbbb2222bbbb image=hub/balancers:1");
  expect([texts, messages]).toEqual([
    [],
    [expect.stringContaining(`Remove it (docker rm --force ${name}, or the same with your container engine)`)],
  ]);
});

it("a stack without load balancers has none to lose", () => {
  expect(compareBalancers("absent", new Map())).toEqual({ value: [], problems: [] });
});
