import { z } from "zod";
import { certificatesIn, certManagerAuthority, fileOf, isCacerts, subject, tls } from "../mesh";
import { resourceRule } from "../rule";
import { at, type Resource, text, unknown } from "../state";

/** A key, as far as it is specified. */
interface Key {
  readonly where: string;
  readonly algorithm: "RSA" | "ECDSA";
  /** Bits, or the curve; undefined where it is not known yet. */
  readonly size: number | string | undefined;
  readonly remedy: string;
}

/** OpenSSL's names of the curves. */
const curves: Readonly<Record<string, string>> = { prime256v1: "P256", secp384r1: "P384", secp521r1: "P521" };

export const keySize = resourceRule({
  name: "key-size",
  description: "Private keys, and those of the mesh's authorities, are long enough.",
  parameters: z.object({
    minRsaBits: z.int().min(1024).default(2048).describe("Shortest RSA key"),
    curves: z.array(z.string()).default(["P256", "P384", "P521"]).describe("Curves of ECDSA keys"),
  }),
  evaluate: (resource, parameters) =>
    [...madeKeys(resource), ...certManagerKeys(resource), ...givenKeys(resource)].flatMap(
      ({ where, algorithm, size, remedy }) => {
        if (algorithm === "RSA") {
          return typeof size === "number" && size < parameters.minRsaBits
            ? [
                `${where} is an RSA key of ${String(size)} bits; at least ${String(parameters.minRsaBits)} are required. ${remedy}`,
              ]
            : [];
        }
        return size === undefined || parameters.curves.includes(String(size))
          ? []
          : [`${where} is on curve ${String(size)}; allowed are ${parameters.curves.join(", ")}. ${remedy}`];
      },
    ),
});

function madeKeys({ type, inputs, name }: Resource): Key[] {
  const algorithm = text(inputs, "algorithm");
  if (type !== tls.key || (algorithm !== "RSA" && algorithm !== "ECDSA")) {
    return [];
  }
  const [property, byDefault] = algorithm === "RSA" ? ["rsaBits", 2048] : ["ecdsaCurve", "P224"];
  const size = at(inputs, property) ?? byDefault;
  const known = typeof size === "number" || typeof size === "string" ? size : undefined;
  return [{ where: `Key ${name}`, algorithm, size: known, remedy: `Set its ${property}: a new key replaces it.` }];
}

function certManagerKeys(resource: Resource): Key[] {
  const spec = certManagerAuthority(resource);
  const algorithm = text(spec, "privateKey", "algorithm") ?? "RSA";
  if (spec === undefined || at(spec, "privateKey") === unknown || (algorithm !== "RSA" && algorithm !== "ECDSA")) {
    return [];
  }
  const size = at(spec, "privateKey", "size");
  const bits = typeof size === "number" ? size : size === undefined ? (algorithm === "RSA" ? 2048 : 256) : undefined;
  return [
    {
      where: `The key of Certificate ${subject(resource)}`,
      algorithm,
      size: bits !== undefined && algorithm === "ECDSA" ? `P${String(bits)}` : bits,
      remedy: "Set spec.privateKey.size.",
    },
  ];
}

/** What istiod is given, however it was created. */
function givenKeys(resource: Resource): Key[] {
  return !isCacerts(resource)
    ? []
    : ["ca-cert.pem", "root-cert.pem"].flatMap((file) =>
        certificatesIn(fileOf(resource, file) ?? "").flatMap(({ publicKey }): Key[] => {
          const { asymmetricKeyType: type, asymmetricKeyDetails: details } = publicKey;
          const key = {
            where: `The key of ${file} in Secret ${subject(resource)}`,
            remedy: "Have it reissued with a longer key.",
          };
          const curve = details?.namedCurve;
          return type === "rsa"
            ? [{ ...key, algorithm: "RSA", size: details?.modulusLength }]
            : type === "ec"
              ? [{ ...key, algorithm: "ECDSA", size: curve === undefined ? undefined : (curves[curve] ?? curve) }]
              : [];
        }),
      );
}
