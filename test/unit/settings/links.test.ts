import { describe, expect, it } from "vitest";
import { planLinks } from "../../../settings";

const texts = (links: ReturnType<typeof planLinks>) => links.map(({ from, to }) => `${from}>${to}`);

describe("the link plan", () => {
  it("links every pair both ways for mesh, and own clusters with peers", () => {
    expect(texts(planLinks("mesh", ["b", "a"], ["p"]))).toEqual(["a>b", "a>p", "b>a", "b>p"]);
  });

  it("has n × (n − 1) links for n clusters", () => {
    const names = Array.from({ length: 12 }, (_, index) => `c-${String(index)}`);
    expect(new Set(texts(planLinks("mesh", names, []))).size).toBe(12 * 11);
  });

  it("keeps one-way links one-way, and makes two of between", () => {
    const links = [{ from: "c", to: "a" }, { between: ["b", "a"] }];
    expect(texts(planLinks(links, ["a", "b", "c"], []))).toEqual(["a>b", "b>a", "c>a"]);
  });

  it("leaves a link that starts at a peer to the peer's stack", () => {
    expect(texts(planLinks([{ between: ["a", "p"] }], ["a"], ["p"]))).toEqual(["a>p"]);
  });

  it("has each link once, whatever order the clusters are in", () => {
    const links = [{ from: "a", to: "b" }, { between: ["a", "b"] }];
    expect(texts(planLinks(links, ["a", "b"], []))).toEqual(["a>b", "b>a"]);
    expect(planLinks("mesh", ["a", "b", "c"], [])).toEqual(planLinks("mesh", ["c", "a", "b"], []));
  });

  it("links nothing for an empty list", () => {
    expect(planLinks([], ["a", "b"], ["p"])).toEqual([]);
  });
});
