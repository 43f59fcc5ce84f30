/** The events are those that Pulumi's CLI 3.259 printed of a stack on a kwok cluster, some left out and outputs emptied. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { EngineEvent } from "@pulumi/pulumi/automation";
import { describe, expect, it } from "vitest";
import { type Plan, readPlan, valueText } from "../../../workflows/plan";
import { changesBlock, countsText, messagesBlock } from "../../../workflows/plan-text";

function recorded(name: string): EngineEvent[] {
  const text = readFileSync(join(__dirname, "events", `${name}.jsonl`), "utf8");
  return text
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as EngineEvent);
}

describe("the plan of recorded events", () => {
  it("has what an update would put back: a label changed by hand, and a Deployment deleted by hand", () => {
    const plan = readPlan(recorded("drift"));
    expect(plan).toMatchObject({
      changes: [
        {
          operation: "update",
          type: "Namespace",
          name: "wf-one-d4726f8f-istio-system",
          properties: [{ path: 'metadata.labels["topology.istio.io/network"]', from: "other", to: "flat-network" }],
        },
        { operation: "create", type: "Deployment", name: "wf-one-d4726f8f-sleep", properties: [] },
      ],
      messages: [],
      violations: [],
    });
    expect(countsText(plan)).toBe("1 updated, 1 created");
    expect(changesBlock(plan, 1000)).toBe(
      [
        "```diff",
        "! update Namespace wf-one-d4726f8f-istio-system",
        '    metadata.labels["topology.istio.io/network"]: other → flat-network',
        "+ create Deployment wf-one-d4726f8f-sleep",
        "```",
      ].join("\n"),
    );
  });

  it("has the value of a release that a setting changes", () => {
    expect(changesBlock(readPlan(recorded("change")), 1000)).toContain(
      "! update Release wf-one-d4726f8f-istiod\n    values.meshConfig.trustDomain: cluster.local → other.local",
    );
  });

  it("has the faults of a stack's settings", () => {
    const plan = readPlan(recorded("wrong"));
    expect(plan.changes).toEqual([]);
    expect(messagesBlock(plan, 1000)).toMatch(/trustDomian: is not a setting\n {6}→ did you mean trustDomain\?/);
  });
});

/** Of the shape that Pulumi publishes (PolicyEvent): no pack has run yet. */
const violation = {
  sequence: 1,
  timestamp: 1,
  policyEvent: {
    resourceUrn: "urn:pulumi:dev::flatmesh::kubernetes:core/v1:Secret::a-cacerts",
    message: "<{%fg 1%}>holds a private key as a plain value<{%reset%}>\n",
    color: "raw",
    policyName: "no-plain-key",
    policyPackName: "flatmesh",
    policyPackVersion: "",
    policyPackVersionTag: "",
    enforcementLevel: "mandatory",
  },
} satisfies EngineEvent;

it("says which policy objects to what", () => {
  expect(messagesBlock(readPlan([violation]), 1000)).toBe(
    "```\npolicy no-plain-key (mandatory), a-cacerts: holds a private key as a plain value\n```",
  );
});

it("looks at no event of debugging: those hold secrets in the clear", () => {
  const debug = { severity: "debug", message: "licence-Zq8xT4wB7n", color: "never" } as unknown;
  const events = [{ sequence: 1, timestamp: 1, diagnosticEvent: debug }] as EngineEvent[];
  expect(JSON.stringify(readPlan(events))).not.toContain("licence");
});

it("tells of a replacement once", () => {
  const step = (op: string) => {
    const state = { type: "t", urn: "u", custom: true, inputs: {}, outputs: {}, id: "", parent: "", provider: "" };
    const metadata = { op, urn: "urn:a::b::c:d:Key::root", type: "c:d:Key", new: state, provider: "" };
    return { sequence: 1, timestamp: 1, resourcePreEvent: { metadata, planning: true } } as EngineEvent;
  };
  const plan = readPlan(["create-replacement", "replace", "delete-replaced"].map(step));
  expect(countsText(plan)).toBe("1 replaced");
});

describe("a value", () => {
  const properties = {
    spec: { ports: [{ port: 80 }] },
    metadata: { labels: { "a.b/c": "x", 'odd"]key': "y" } },
    script: "#!/bin/sh\nexit",
    certificate: "A".repeat(81),
    address: "04da6b54-80e4-46f7-96ec-b56ff0331ba9",
    on: false,
  };
  it.each([
    ["spec.ports[0].port", "80"],
    ['metadata.labels["a.b/c"]', "x"],
    ['metadata.labels["odd\\"]key"]', "y"],
    ["on", "false"],
    ["address", "(known after the update)"],
    ["script", undefined],
    ["certificate", undefined],
    ["spec", undefined],
    ["spec.no.such[3]", undefined],
  ])("at %s is %s", (path, text) => {
    expect(valueText(properties, path)).toBe(text);
  });
});

it("cuts a plan that is too long at the end of a line, and says how much is left out", () => {
  const changes = Array.from({ length: 500 }, (_, index) => ({
    operation: "create",
    type: "Secret",
    name: `cluster-${String(index)}`,
    properties: [],
  }));
  const plan: Plan = { changes, messages: [], violations: [] };
  const block = changesBlock(plan, 2000);
  expect(block.length).toBeLessThanOrEqual(2000 + "```diff\n\n```".length);
  const lines = block.split("\n");
  const told = lines.filter((line) => /^\+ create Secret cluster-\d+$/.test(line)).length;
  expect(lines.at(-2)).toBe(`… ${String(500 - told)} more lines: see the run`);
});
