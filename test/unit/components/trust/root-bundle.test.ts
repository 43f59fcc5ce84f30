import { X509Certificate } from "node:crypto";
import { describe, expect, it } from "vitest";
import { bundle } from "../../../../components/trust/root-bundle";
import { renewedRoots } from "../../../../components/trust/root-bundle";
import { authorityKey, rootCertificate } from "../peering/certificates";

const key = authorityKey();
const [old, renewed, foreign] = [rootCertificate(key), rootCertificate(key), rootCertificate(authorityKey())];
const day = 24 * 60 * 60 * 1000;
/** Both have begun now, so they are valid together for all of the ten years that the old one has. */
const end = Date.parse(new X509Certificate(old).validTo);

describe("the earlier certificate of a renewed root", () => {
  it("stays beside the new one, and stays there in the next update", () => {
    expect(renewedRoots([renewed], old)).toEqual([old]);
    expect(renewedRoots([renewed], bundle([old, renewed]))).toEqual([old]);
    expect(renewedRoots([renewed, foreign], bundle([old, foreign]))).toEqual([old]);
  });

  it("goes after half of the time that both are valid", () => {
    const at = (days: number) => renewedRoots([renewed], bundle([old, renewed]), new Date(end - days * day));
    expect(at(3650 / 2 + 1)).toEqual([old]);
    expect(at(3650 / 2 - 1)).toEqual([]);
  });

  it("goes with its root", () => {
    expect(renewedRoots([foreign], bundle([old, renewed, foreign]))).toEqual([]);
  });

  it("is none where the root is as it was, or none is told of", () => {
    expect(renewedRoots([old], old)).toEqual([]);
    expect(renewedRoots([old], undefined)).toEqual([]);
    expect(renewedRoots(["certificate of root\n"], "certificate of root\n")).toEqual([]);
  });
});
