import { X509Certificate } from "node:crypto";
import { connect } from "node:tls";
import { type Access, connectToPod, type PodPort, Unreachable } from "../kubernetes";

/** Port that istiod serves its clients at with a certificate of what it signs with. */
export const istiodPort = 15012;

/** How long a pod may take to answer, in milliseconds. */
const patience = 20_000;

/**
 * The authority above the certificate that a pod serves with: for istiod, what it signs with.
 *
 * @throws Unreachable
 */
export async function issuerOf(access: Access, place: PodPort): Promise<X509Certificate> {
  const stream = await connectToPod(access, place);
  const pod = `pod ${place.namespace}/${place.pod}`;
  let end: NodeJS.Timeout | undefined;
  try {
    return await new Promise<X509Certificate>((resolve, reject) => {
      if (stream.errored) {
        reject(stream.errored);
      }
      stream.on("error", reject);
      // Only looked at: nothing is sent, and nothing that it answers is relied on.
      const socket = connect(
        { socket: stream, servername: "istiod.istio-system.svc", rejectUnauthorized: false },
        () => {
          const { raw, issuerCertificate: above } = socket.getPeerCertificate(true);
          // A certificate that comes alone has nothing above it here, or itself.
          const issuer: Buffer | undefined = (above as typeof above | undefined)?.raw;
          if (issuer === undefined || issuer.equals(raw)) {
            reject(new Unreachable(`${pod} does not send the certificate that signed its own`));
          } else {
            resolve(new X509Certificate(issuer));
          }
        },
      );
      // In all, not between two bytes: it may send one by one.
      end = setTimeout(() => {
        reject(new Unreachable(`${pod} does not answer`));
      }, patience);
      socket.on("error", ({ message }: Error) => {
        reject(new Unreachable(`${pod}: ${message}`));
      });
    });
  } finally {
    clearTimeout(end);
    stream.destroy();
  }
}
