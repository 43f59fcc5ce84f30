import { describe, expect, it } from "vitest";
import { signingRights } from "../../../certificates";
import { digitalSignature, issue, keyCertSign, parsed } from "../checks/certificates";

describe("signingRights", () => {
  it.each([
    [{}, { isAuthority: true, mayCertify: true, pathLength: undefined }],
    [
      { pathLength: 0, usage: keyCertSign },
      { isAuthority: true, mayCertify: true, pathLength: 0 },
    ],
    [
      { pathLength: 2 ** 40, usage: digitalSignature },
      { isAuthority: true, mayCertify: false, pathLength: 2 ** 40 },
    ],
    [{ ca: false }, { isAuthority: false, mayCertify: true, pathLength: undefined }],
  ])("reads a certificate with %o", async (wanted, rights) => {
    expect(signingRights(parsed(await issue("test", wanted)))).toEqual(rights);
  });

  it("grants nothing to a certificate whose structure can't be decoded", () => {
    expect(signingRights({ raw: Buffer.from("3003020101", "hex") })).toEqual({
      isAuthority: false,
      mayCertify: false,
      pathLength: undefined,
    });
  });
});
