import { X509Certificate } from "node:crypto";
import { z } from "zod";
import { certificatesIn, isCertificate, issued, keyLimit } from "../../certificates";
import type { IntermediateLifetime } from "../../components/trust";
import type { RootSettings } from "../../settings";
import { resourceKey, type StackState } from "../../stacks";
import { type Judged, type Problem, warning } from "../problems";

const day = 24 * 60 * 60 * 1000;

/** An intermediate in the state, with what its lifetime was made of. */
const Recorded = z.object({
  certPem: z.string().refine(isCertificate),
  validityPeriodHours: z.number(),
  validityEndTime: z.iso.datetime({ offset: true }),
});

/**
 * The lifetimes of intermediates below a given root that ends before they would, by cluster; none where the settings' fit. One that
 * is there keeps its own until it is due, or each day would sign all of them again.
 */
export function judgeGivenRoot(
  root: RootSettings,
  clusters: readonly string[],
  state: StackState,
  now = new Date(),
): Judged<Readonly<Record<string, IntermediateLifetime>>> {
  if (root.source !== "given") {
    return { value: {}, problems: [] };
  }
  const certificate = new X509Certificate(root.certificate);
  const end = Date.parse(certificate.validTo);
  // Lifetimes are whole days; one that has ended is refused with the settings.
  const left = Math.max(1, Math.floor((end - now.getTime()) / day));
  const keys = judgeKeys([
    ["root.certificate", certificate],
    ...root.alsoTrusted.map((pem) => ["root.alsoTrusted", new X509Certificate(pem)] as const),
  ]);
  const wanted = root.intermediateValidityDays;
  if (left >= wanted) {
    return { value: {}, problems: keys };
  }
  const until = new Date(end).toISOString().slice(0, 10);
  const value = [...clusters, ...root.issueFor].map((cluster) => {
    const recorded = Recorded.safeParse(state.get(resourceKey(intermediateType, `${cluster}-intermediate`))).data;
    const lifetime = recorded && lifetimeOf(recorded.validityPeriodHours / 24, root);
    const stays =
      recorded !== undefined &&
      lifetime !== undefined &&
      certificatesIn(recorded.certPem).some((one) => issued(certificate, one)) &&
      now.getTime() < Date.parse(recorded.validityEndTime) - lifetime.renewBeforeDays * day;
    return [cluster, stays ? lifetime : lifetimeOf(left, root)] as const;
  });
  // A root that is only just shorter than what the settings leave open is nothing to be told of.
  const short = left < wanted * 0.9;
  const text =
    `root.certificate: the root ends on ${until}, in ${String(left)} ${left === 1 ? "day" : "days"}. Intermediates end with it, although their lifetime is ` +
    `${String(wanted)} days. Replace it before then: docs/root-rotation.md#a-root-that-is-given.`;
  return { value: Object.fromEntries(value), problems: [...(short ? [warning(text)] : []), ...keys] };
}

const intermediateType = "tls:index/locallySignedCert:LocallySignedCert";

interface Lifetimes {
  readonly intermediateValidityDays: number;
  readonly renewBeforeDays: number;
}

function lifetimeOf(validityDays: number, wanted: Lifetimes): IntermediateLifetime {
  return validityDays >= wanted.intermediateValidityDays
    ? { validityDays, renewBeforeDays: wanted.renewBeforeDays }
    : { validityDays, renewBeforeDays: Math.min(wanted.renewBeforeDays, Math.floor(validityDays / 4)) };
}

function judgeKeys(roots: readonly (readonly [where: string, root: X509Certificate])[]): Problem[] {
  return roots.flatMap(([where, { publicKey }]) => {
    const limit = keyLimit(publicKey);
    return limit === undefined
      ? []
      : [warning(`${where}: the root ${limit}. ECDSA (P-256 or P-384) and RSA work everywhere.`)];
  });
}
