import { X509Certificate } from "node:crypto";
import { connect, type DetailedPeerCertificate } from "node:tls";
import { Unreachable } from "./api-server";
import { type Access, connectToPod, type PodPort } from "./pod-port";

/**
 * The authority above the certificate that a pod serves with: for istiod, what it signs with. Undefined where the pod does not
 * serve it along.
 *
 * @throws Unreachable
 */
export async function issuerOf(access: Access, place: PodPort): Promise<X509Certificate | undefined> {
  const stream = await connectToPod(access, place);
  try {
    return await new Promise<X509Certificate | undefined>((resolve, reject) => {
      if (stream.errored) {
        reject(stream.errored);
      }
      stream.on("error", reject);
      // Only looked at: nothing is sent, and nothing that it says is relied on.
      const socket = connect(
        { socket: stream, servername: "istiod.istio-system.svc", rejectUnauthorized: false },
        () => {
          // Node's types know of no certificate that comes alone.
          const { issuerCertificate } = socket.getPeerCertificate(true) as Partial<DetailedPeerCertificate>;
          resolve(issuerCertificate && new X509Certificate(issuerCertificate.raw));
        },
      );
      socket.setTimeout(20_000, () => {
        reject(new Unreachable(`pod ${place.namespace}/${place.pod} does not answer`));
      });
      socket.on("error", ({ message }: Error) => {
        reject(new Unreachable(`pod ${place.namespace}/${place.pod}: ${message}`));
      });
    });
  } finally {
    stream.destroy();
  }
}
