import { describe, expect, it } from "vitest";
import { kubeconfigIn, type StackOutputs } from "../../../stacks";

const map = {
  apiVersion: "v1",
  clusters: [{ name: "c", cluster: { server: "https://c.example" } }],
  contexts: [{ name: "c", context: { cluster: "c", user: "c" } }],
  "current-context": "c",
  users: [{ name: "c", user: { token: "t0p-s3cret" } }],
};
const text = JSON.stringify(map);
const source = { stack: "acme/eks/prod", output: "kubeconfig" };

function said(outputs: StackOutputs | undefined, output = source.output): string {
  return JSON.stringify(kubeconfigIn({ ...source, output }, outputs));
}

describe("an output of another stack as a kubeconfig", () => {
  it.each([
    ["a text", text],
    ["a map, as pulumi-eks gives it", map],
  ])("is %s", (_, value) => {
    expect(kubeconfigIn(source, { vpcId: "vpc-1", kubeconfig: value })).toEqual({ text });
  });

  it("is missing where the stack is not deployed, or lacks it, with the names that there are", () => {
    const missing = (text: string) => JSON.stringify({ missing: text });
    expect(said(undefined)).toBe(
      missing("does not exist: the stack is not deployed yet, or there is none of that name"),
    );
    expect(said({})).toBe(said(undefined));
    expect(said({ vpcId: "vpc-1" })).toBe(missing("does not exist. The stack has vpcId"));
    expect(said({ kubeConfig: text, vpcId: "vpc-1" })).toBe(
      missing("does not exist. The stack has kubeConfig, vpcId; did you mean kubeConfig?"),
    );
    expect(said({ kubeconfigWest: text, vpcId: 1, kubeconfigEast: text })).toBe(
      missing(
        "does not exist. The stack has kubeconfigEast, kubeconfigWest, vpcId; did you mean kubeconfigEast or kubeconfigWest?",
      ),
    );
    expect(said({ kubeconfig: text, vpcId: 1 }, "kubconfig")).toContain("did you mean kubeconfig?");
    expect(said({ clusterKubeconfig: text, vpcId: 1 }, "credentials")).toContain("did you mean clusterKubeconfig?");
    expect(said({ toString: text }, "constructor")).toContain("does not exist");
  });

  it.each([
    [42, "is a number, and no kubeconfig"],
    [true, "is a boolean, and no kubeconfig"],
    [["t0p-s3cret"], "is a list, and no kubeconfig"],
    ["t0p-s3cret", "is not the YAML of a kubeconfig"],
    ["in-cluster", "is no kubeconfig"],
    [{ token: "t0p-s3cret" }, "is a kubeconfig without clusters and contexts"],
    [
      Buffer.from(text).toString("base64"),
      "is a kubeconfig in base64: have that stack's program put out the decoded text",
    ],
  ])("is refused as %j, with the names of others and no value", (value, problem) => {
    const found = said({ kubeconfig: value, kubeconfigJson: text, vpcId: "vpc-1" });
    expect(found).toBe(
      JSON.stringify({ wrong: `${problem}. The stack also has kubeconfigJson, vpcId; did you mean kubeconfigJson?` }),
    );
    expect(found).not.toContain("t0p-s3cret");
    expect(said({ kubeconfig: value })).toContain(`${problem}. The stack has no other output`);
  });

  it("is refused where whoever runs this can't decrypt it", () => {
    expect(said({ kubeconfig: {} })).toMatch(/can't be decrypted by whoever runs this: set the passphrase/);
  });

  it("shows no name of another stack as it likes", () => {
    expect(said({ "x\u001b[31m\n": 1 })).toContain("The stack has x\\\\x1b[31m\\\\n");
  });
});
