import { describe, expect, it } from "vitest";
import { proxyFor, shownProxy } from "../../../network";

const proxy = "http://proxy:3128";

describe("the proxy of the environment", () => {
  it.each<[string, Record<string, string>, string | undefined]>([
    ["https://a", { HTTPS_PROXY: proxy }, proxy],
    ["https://a", { https_proxy: proxy }, proxy],
    ["https://a", { HTTPS_PROXY: proxy, https_proxy: "http://other" }, proxy],
    ["https://a", { HTTPS_PROXY: "", https_proxy: proxy }, proxy],
    ["https://a", { HTTP_PROXY: proxy }, undefined],
    ["https://a", { ALL_PROXY: proxy, all_proxy: proxy }, undefined],
    ["http://a", { HTTP_PROXY: proxy, HTTPS_PROXY: "http://other" }, proxy],
    ["http://a", { HTTPS_PROXY: proxy }, undefined],
    ["https://a", { HTTPS_PROXY: "proxy:3128" }, proxy],
    ["https://a", { HTTPS_PROXY: "10.0.0.1:3128" }, "http://10.0.0.1:3128"],
    ["https://a", { HTTPS_PROXY: "socks5://proxy:1080" }, "socks5://proxy:1080"],
    ["https://a", { HTTPS_PROXY: "https://user:password@proxy" }, "https://user:password@proxy"],
    ["https://a", { HTTPS_PROXY: "%%" }, undefined],
    ["https://a", {}, undefined],
  ])("for %s with %j is %s, as for programs in Go", (url, environment, expected) => {
    expect(proxyFor(new URL(url), environment)).toBe(expected);
  });

  // The cases of httpproxy's own tests (golang.org/x/net/http/httpproxy/proxy_test.go), and more of subnets and ports.
  it.each<[string, string, boolean]>([
    ["https://localhost:6443", "", true],
    ["https://127.0.0.1", "", true],
    ["https://127.0.0.42:6443", "", true],
    ["https://[::1]:6443", "", true],
    ["https://example.com", "*", true],
    ["https://example.com", "example.com", true],
    ["https://sub.example.com", "example.com", true],
    ["https://badexample.com", "example.com", false],
    ["https://example.com", ".example.com", false],
    ["https://sub.example.com", ".example.com", true],
    ["https://sub.example.com", "*.example.com", true],
    ["https://example.com", "*.example.com", false],
    ["https://EXAMPLE.com", "Example.COM", true],
    ["https://example.com", "foo, example.com ,bar", true],
    ["https://example.com:6443", "example.com:6443", true],
    ["https://example.com:6443", "example.com:443", false],
    ["https://example.com", "example.com:443", true],
    ["https://10.1.2.3:6443", "10.0.0.0/8", true],
    ["https://11.1.2.3:6443", "10.0.0.0/8", false],
    ["https://10.1.2.3", "10.1.2.3", true],
    ["https://10.1.2.3:6443", "10.1.2.3:6443", true],
    ["https://10.1.2.3:6443", "10.1.2.3:443", false],
    ["https://[fd00::7]:6443", "fd00::/16", true],
    ["https://[fd00::7]:6443", "[fd00::7]:6443", true],
    ["https://[fd00::7]", "FD00:0:0::7", true],
    ["https://[fd01::7]", "fd00::7", false],
    ["https://10.1.2.3", ".3", false],
    ["https://10.1.2.3", "2.3", false],
    ["https://example.com", ",, :80,", false],
    ["https://example.com", "", false],
  ])("for %s with NO_PROXY=%s is none: %s", (url, noProxy, direct) => {
    const environment = { HTTPS_PROXY: proxy, NO_PROXY: noProxy };
    expect(proxyFor(new URL(url), environment)).toBe(direct ? undefined : proxy);
    expect(proxyFor(new URL(url), { https_proxy: proxy, no_proxy: noProxy })).toBe(direct ? undefined : proxy);
  });

  it("is shown without its password", () => {
    expect(shownProxy("http://user:password@proxy:3128/x")).toBe("http://proxy:3128");
  });
});
