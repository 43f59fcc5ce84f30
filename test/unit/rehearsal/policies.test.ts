import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { policyConfigFile, policyViolations } from "../../../rehearsal/policies";

let project: string;
beforeAll(() => {
  project = mkdtempSync(join(tmpdir(), "flatmesh-policies-"));
  mkdirSync(join(project, "policy"));
});
afterAll(() => {
  rmSync(project, { recursive: true });
});

const urn = "urn:pulumi:dev::test::kubernetes:apps/v1:Deployment::app";
const inputs = { spec: { template: { spec: { containers: [{ image: "nginx:latest", resources: {} }] } } } };
const state = { version: 3, deployment: { resources: [{ urn, type: "kubernetes:apps/v1:Deployment", inputs }] } };
const none = { version: 3, deployment: {} };

it("are all mandatory unless a file says otherwise", async () => {
  const violations = await policyViolations(state, none, project);
  expect(violations.map(({ rule, level }) => `${rule} ${level}`)).toEqual([
    "pinned-versions mandatory",
    "resource-requests mandatory",
    "resource-requests mandatory",
  ]);
  expect(violations[0]).toMatchObject({ urn, message: expect.stringContaining("nginx:latest") as string });
});

it.each([
  [
    "levels and parameters",
    { "pinned-versions": "disabled", "resource-requests": { enforcementLevel: "advisory", resources: ["cpu"] } },
    ["resource-requests advisory"],
  ],
  ["a level for all others", { all: "disabled", "pinned-versions": "mandatory" }, ["pinned-versions mandatory"]],
])("take %s from it", async (_what, config, expected) => {
  writeFileSync(join(project, policyConfigFile), JSON.stringify(config));
  const violations = await policyViolations(state, none, project);
  expect(violations.map(({ rule, level }) => `${rule} ${level}`)).toEqual(expected);
});

it.each(["{", '{"subnets": 1}', '{"subnets": "strict"}'])("refuse a file that says %s", async (text) => {
  writeFileSync(join(project, policyConfigFile), text);
  await expect(policyViolations(state, none, project)).rejects.toThrow(
    "policy/config.json does not configure policies",
  );
});
