import { describe, expect, it } from "vitest";
import { existing, issuesOf, kind, linesOf, parse } from "./config";

const community = { distribution: "community", license: undefined, repoKey: undefined };

const onNode = (address: string) => ({ clusters: [existing("a", { nodePort: { address } })] });
const at = (apiServer: string) => ({ clusters: [existing("a", { apiServer })], ...community });
const pods = (podSubnet: unknown) => ({ clusters: [kind("a", { podSubnet })] });

describe("an address that other clusters reach nodes by", () => {
  it.each(["10.0.0.5", "203.0.113.5", "nodes.east-1.example.com", "node"])("may be %s", (address) => {
    expect(parse(onNode(address)).clusters).toMatchObject([{ nodePort: { address } }]);
  });

  it.each([
    [
      "fd00::1",
      "is IPv6; the mesh is IPv4 alone → write an IPv4 address, or a DNS name that has one, such as 10.0.0.5",
    ],
    [
      "[fd00::1]",
      "is IPv6; the mesh is IPv4 alone → write an IPv4 address, or a DNS name that has one, such as 10.0.0.5",
    ],
    [
      "fe80::1%eth0",
      "is IPv6; the mesh is IPv4 alone → write an IPv4 address, or a DNS name that has one, such as 10.0.0.5",
    ],
    ["::ffff:10.0.0.5", "is IPv6; the mesh is IPv4 alone → write 10.0.0.5"],
    ["010.0.0.05", "has leading zeros, which some tools read as octal numbers → write 10.0.0.5"],
    ["Node.example.com.", "is neither an IP address nor a DNS name → write node.example.com"],
    ["0x0a.0.0.5", "is neither an IP address nor a DNS name → write it without scheme and port, such as 10.0.0.5"],
    ["167772165", "is neither an IP address nor a DNS name → write it without scheme and port, such as 10.0.0.5"],
    ["127.1", "is an address that every machine has for itself → write one that other machines can reach"],
    ["x.localhost", "is an address that every machine has for itself → write one that other machines can reach"],
    ["169.254.1.1", "is link-local, so no other network reaches it → write one that other machines can reach"],
    ["255.255.255.255", "is not the address of a machine → write one that other machines can reach"],
  ])("is not %s", (address, line) => {
    expect(linesOf(onNode(address))).toEqual([`clusters[0].nodePort.address: ${line}`]);
  });
});

describe("the URL of an API server", () => {
  it.each(["https://10.0.0.5:6443", "https://API.example.com", "https://api.example.com/"])(
    "may be %s",
    (apiServer) => {
      expect(parse(at(apiServer)).clusters).toMatchObject([{ apiServer }]);
    },
  );

  it.each([
    [
      "https://kubernetes.default.svc",
      "has a host that is the name of a Service, which every cluster resolves to its own",
    ],
    [
      "https://kubernetes.default.svc.cluster.local:443",
      "has a host that is the name of a Service, which every cluster resolves to its own",
    ],
    ["https://kubernetes", "has a host that is the name of a Service, which every cluster resolves to its own"],
    [
      "https://host.docker.internal:6443",
      "has a host that is a name that every container engine resolves to its own machine",
    ],
    ["https://0.0.0.0:6443", "has a host that is an address that every machine has for itself"],
    ["https://[fd00::1]:6443", "has a host that is IPv6; the mesh is IPv4 alone"],
    ["https://[::ffff:10.0.0.5]", "has a host that is IPv6; the mesh is IPv4 alone"],
    ["https://010.0.0.1", "has a host that has leading zeros, which some tools read as octal numbers"],
    ["https://10.0.0.5:99999", "is not an https URL of a host alone: its port is not a number up to 65535"],
    ["https://10.0.0.5:", "is not an https URL of a host alone: its port is not a number up to 65535"],
    ["http://10.0.0.5", "is not an https URL of a host alone: it has another scheme than https://"],
    ["10.0.0.5:6443", "is not an https URL of a host alone: it has no https://"],
    ["https://10.0.0.5/k8s/clusters/c-1?x#y", "is not an https URL of a host alone: it has a path, and it has a query"],
  ])("is not %s", (url, problem) => {
    expect(linesOf(at(url))).toEqual([
      `clusters[0].apiServer: ${problem} → write https://HOST or https://HOST:PORT, such as https://10.0.0.5:6443`,
    ]);
  });

  it.each([
    "https://admin:s3cret@10.0.0.5:6443",
    "https://10.0.0.5?token=s3cret",
    "https://10.0.0.5/#s3cret",
    "admin:s3cret@10.0.0.5",
  ])("is not quoted where it may hold a password: %s", (url) => {
    expect(JSON.stringify(issuesOf(at(url)))).not.toContain("s3cret");
  });
});

describe("a subnet", () => {
  it.each<[unknown, string]>([
    [
      "10.0.0.0/16,fd00::/64",
      "has subnets of both families; the flat network is IPv4 alone → write 10.0.0.0/16: a cluster may have IPv6 besides",
    ],
    [
      "fd00::/64, 10.0.0.0/16",
      "has subnets of both families; the flat network is IPv4 alone → write 10.0.0.0/16: a cluster may have IPv6 besides",
    ],
    ["10.0.0.0/16,10.1.0.0/16", "is a list of 2, not one subnet → write one that contains them all"],
    [["10.0.0.0/16", "fd00::/64"], "is a list, not a string → write a string, one alone"],
    ["fd00::/48,fd01::/48", "is IPv6; the flat network is IPv4 alone → write an IPv4 subnet, such as 10.10.0.0/16"],
    ["fe80::/10%eth0", "is IPv6; the flat network is IPv4 alone → write an IPv4 subnet, such as 10.10.0.0/16"],
    ["::ffff:10.1.0.0/112", "is IPv6; the flat network is IPv4 alone → write 10.1.0.0/16"],
    ["010.1.0.0/16", "is not a valid CIDR: some tools read leading zeros as octal numbers → write 10.1.0.0/16"],
    ["10.1.2.3/16", "has host bits set → write 10.1.0.0/16, or the prefix that was meant"],
    ["10.1.0.0", "is not a valid CIDR: it has no prefix → write address/prefix, such as 10.1.0.0/16"],
    ["10.1.0.0/255.255.0.0", "is not a valid CIDR: it has a mask in place of the prefix → write 10.1.0.0/16"],
    [
      "10.1.0.0/33",
      "is not a valid CIDR: its prefix is not a number from 0 to 32 → write address/prefix, such as 10.1.0.0/16",
    ],
    ["10.1/16", "is not a valid CIDR → write address/prefix, such as 10.10.0.0/16"],
    [" 10.1.0.0/16", "has a space or line break around it → remove it; write address/prefix, such as 10.10.0.0/16"],
    [null, "is null, not a string → write a string; YAML reads a key without a value as null"],
  ])("is not %j", (subnet, line) => {
    expect(linesOf(pods(subnet))).toEqual([`clusters[0].podSubnet: ${line}`]);
  });

  it("of the pool has one family as well", () => {
    expect(linesOf({ addressPool: "10.0.0.0/8,fd00::/48" })).toEqual([
      "addressPool: has subnets of both families; the flat network is IPv4 alone → write 10.0.0.0/8: a cluster may have IPv6 besides",
    ]);
  });
});
