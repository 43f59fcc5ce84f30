import { rootOf } from "../../certificates";
import { isPrivateKeyOf, readAuthorities } from "./pem";
import { type PeerOutputs, clusterName } from "./outputs";
import { Reading, undecrypted } from "./reading";

/** An intermediate that another stack has signed for a cluster of this one, PEM. Its key is in the clear here. */
export interface SignedIntermediate {
  readonly certificate: string;
  readonly privateKey: string;
  /** The intermediate's certificate, followed by those above it. */
  readonly chain: string;
  /** Every root that the cluster has to trust. */
  readonly rootCertificate: string;
}

/** More than one stack signs for. */
const mostIntermediates = 10_000;
/** A key of RSA 16,384 has 13,000 characters. */
const longestKey = 20_000;

/**
 * The intermediates that a stack has signed for `clusters`, so far. Those for other clusters are not read.
 *
 * @throws PreconditionError if one of them can't be decrypted, or was not signed by the root that comes with it.
 */
export function intermediatesFor(
  { stack, outputs }: PeerOutputs,
  setting: string,
  clusters: readonly string[],
): ReadonlyMap<string, SignedIntermediate> {
  const reading = new Reading(stack, setting);
  const signed = outputs["intermediates"];
  if (undecrypted(signed)) {
    // A stack that signs for no other has no such output.
    reading.secret(signed, "intermediates", longestKey);
  }
  const entries = reading.named(clusterName, signed, "intermediates", mostIntermediates);
  const read = clusters.flatMap((cluster) => {
    const entry = entries.get(cluster);
    const intermediate = entry === undefined ? undefined : readOne(reading, entry, `intermediates.${cluster}`);
    return intermediate ? [[cluster, intermediate] as const] : [];
  });
  reading.throwIfAny();
  return new Map(read);
}

function readOne(reading: Reading, value: unknown, path: string): SignedIntermediate | undefined {
  if (undecrypted(value)) {
    reading.secret(value, path, longestKey);
    return undefined;
  }
  const parts = reading.map(value, path);
  const certificate = readAuthorities(reading, parts.get("certificate"), `${path}.certificate`);
  const chain = readAuthorities(reading, parts.get("chain"), `${path}.chain`);
  const roots = readAuthorities(reading, parts.get("rootCertificate"), `${path}.rootCertificate`, 1);
  const privateKey = reading.secret(parts.get("privateKey"), `${path}.privateKey`, longestKey);
  if (!certificate || !chain || !roots || privateKey === undefined) {
    return undefined;
  }
  const [own, ...others] = certificate.certificates;
  if (!isPrivateKeyOf(privateKey, own) || others.length > 0) {
    reading.problem(`${path}.privateKey`, "is not the private key of the certificate next to it");
  } else if (own === undefined || rootOf(own, chain.certificates, roots.certificates) === undefined) {
    reading.problem(`${path}.certificate`, "is not signed by any of the roots next to it");
  }
  return { certificate: certificate.pem, privateKey, chain: chain.pem, rootCertificate: roots.pem };
}
