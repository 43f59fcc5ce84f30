import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { gatewayAddress } from "../../../../components/peering/gateway";

describe("the type of an address", () => {
  it.each([
    ["172.18.0.5", "IPAddress"],
    ["2001:db8::1", "IPAddress"],
    ["::1", "IPAddress"],
    ["lb-1.eu-west-1.elb.amazonaws.com", "Hostname"],
    ["cluster-1-control-plane", "Hostname"],
    ["10.0.0.256", "Hostname"],
    ["10.0.0", "Hostname"],
  ])("of %s is %s", (value, type) => {
    expect(gatewayAddress(value)).toEqual({ type, value });
  });

  it("is IPAddress for every IP address, and Hostname for every DNS name", () => {
    const typeOf = (value: string) => gatewayAddress(value).type;
    fc.assert(fc.property(fc.ipV4(), (address) => typeOf(address) === "IPAddress"));
    fc.assert(fc.property(fc.ipV6(), (address) => typeOf(address) === "IPAddress"));
    fc.assert(fc.property(fc.domain(), (name) => typeOf(name) === "Hostname"));
  });
});
