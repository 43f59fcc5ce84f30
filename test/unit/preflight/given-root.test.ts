import { beforeAll, describe, expect, it } from "vitest";
import { judgeGivenRoot } from "../../../preflight/roots/given-root";
import type { RootSettings } from "../../../settings";
import { type Issued, issue } from "../checks/certificates";

const day = 86_400_000;
const now = new Date();
const later = (days: number) => new Date(now.getTime() + days * day);

let root: Issued;
let other: Issued;
beforeAll(async () => {
  [root, other] = [await issue("Root CA", { days: 17 }), await issue("Other CA", { days: 17 })];
});

function given(lifetimes: { readonly intermediateValidityDays?: number; readonly renewBeforeDays?: number } = {}) {
  const { intermediateValidityDays = 730, renewBeforeDays = 90 } = lifetimes;
  return {
    source: "given",
    certificate: root.pem,
    privateKey: root.key,
    alsoTrusted: [],
    issueFor: ["far"],
    algorithm: "ECDSA",
    intermediateValidityDays,
    renewBeforeDays,
    reissue: undefined,
    unverified: undefined,
  } satisfies RootSettings;
}

/** The state of a stack that has an intermediate of cluster a. */
async function recorded(by: Issued, validityDays: number, endsIn: number) {
  const intermediate = await issue("a", { by, days: endsIn });
  const outputs = {
    certPem: intermediate.pem,
    validityPeriodHours: validityDays * 24,
    validityEndTime: later(endsIn).toISOString(),
  };
  return new Map<string, unknown>([["tls:index/locallySignedCert:LocallySignedCert a-intermediate", outputs]]);
}

const judge = (settings: RootSettings, state = new Map<string, unknown>(), at = now) =>
  judgeGivenRoot(settings, ["a", "b"], state, at);

describe("intermediates below a given root that ends soon", () => {
  it("end with it, with a warning", () => {
    const short = { validityDays: 17, renewBeforeDays: 4 };
    expect(judge(given())).toEqual({
      value: { a: short, b: short, far: short },
      problems: [
        {
          severity: "warning",
          message: expect.stringMatching(
            /^root.certificate: the root ends on [\d-]+, in 17 days\. .* lifetime is 730 days/,
          ) as string,
        },
      ],
    });
  });

  it("are as the settings say where those fit, without a word", () => {
    expect(judge(given({ intermediateValidityDays: 17, renewBeforeDays: 3 }))).toEqual({ value: {}, problems: [] });
    expect(judge({ source: "existing", reissue: undefined, unverified: undefined })).toEqual({
      value: {},
      problems: [],
    });
    // A root of 18 days whose intermediates may be as long as itself.
    expect(judge(given({ intermediateValidityDays: 18 })).problems).toEqual([]);
  });

  it("stay as they are from day to day, until they are due", async () => {
    const state = await recorded(root, 17, 17);
    const lifetime = (at: Date) => judge(given(), state, at).value["a"];
    expect([0, 1, 5, 12].map((days) => lifetime(later(days)))).toEqual(
      Array.from({ length: 4 }, () => ({ validityDays: 17, renewBeforeDays: 4 })),
    );
    expect(lifetime(later(14))).toEqual({ validityDays: 3, renewBeforeDays: 0 });
  });

  it("stay as an earlier version has signed them", async () => {
    const state = await recorded(root, 730, 700);
    expect(judge(given(), state).value["a"]).toEqual({ validityDays: 730, renewBeforeDays: 90 });
  });

  it("of another root are signed for what is left of this one", async () => {
    expect(judge(given(), await recorded(other, 730, 700)).value["a"]).toMatchObject({ validityDays: 17 });
  });

  it("are signed for a day on its last one", () => {
    expect(judge(given(), undefined, later(16.9)).value["a"]).toEqual({ validityDays: 1, renewBeforeDays: 0 });
    expect(judge(given({ intermediateValidityDays: 1, renewBeforeDays: 0 }), undefined, later(16.9)).value).toEqual({});
  });
});
