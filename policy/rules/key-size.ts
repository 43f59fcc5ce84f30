import { z } from "zod";
import { keyName } from "../../certificates";
import { certificatesIn, certManagerAuthority, fileOf, filesOf, fillsCacerts, isCacerts, subject, tls } from "../mesh";
import { resourceRule } from "../rule";
import { at, type Resource, text, unknown } from "../state";

/** A key, as far as it is specified. */
interface Key {
  readonly where: string;
  /** Another one is allowed if the parameter `curves` lists it. */
  readonly algorithm: "RSA" | "ECDSA" | "other";
  /** Bits, the curve, or the name of another algorithm; undefined where it is not known yet. */
  readonly size: number | string | undefined;
  readonly remedy: string;
}

/** OpenSSL's names of the curves. */
const curves: Readonly<Record<string, string>> = { prime256v1: "P256", secp384r1: "P384", secp521r1: "P521" };

export const keySize = resourceRule({
  name: "key-size",
  description:
    "Private keys are long enough, and those of the mesh's authorities are of an algorithm that all proxies verify.",
  parameters: z.object({
    minRsaBits: z.int().min(1024).default(2048).describe("Shortest RSA key"),
    curves: z
      .array(z.string())
      .default(["P256", "P384", "P521"])
      .describe("Curves of ECDSA keys, and other algorithms that authorities may have, such as Ed25519"),
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
        if (size === undefined || parameters.curves.includes(String(size))) {
          return [];
        }
        return algorithm === "other"
          ? [
              `${where} is of ${String(size)}, which not every build of the proxies verifies, FIPS builds for one; allowed are RSA and ${parameters.curves.join(", ")}. ${remedy}`,
            ]
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
  const where = `The key of Certificate ${spec === undefined ? "" : subject(resource)}`;
  if (spec !== undefined && algorithm === "Ed25519" && fillsCacerts(spec)) {
    return [{ where, algorithm: "other", size: algorithm, remedy: "Set spec.privateKey.algorithm to ECDSA or RSA." }];
  }
  if (spec === undefined || at(spec, "privateKey") === unknown || (algorithm !== "RSA" && algorithm !== "ECDSA")) {
    return [];
  }
  const size = at(spec, "privateKey", "size");
  const bits = typeof size === "number" ? size : size === undefined ? (algorithm === "RSA" ? 2048 : 256) : undefined;
  return [
    {
      where,
      algorithm,
      size: bits !== undefined && algorithm === "ECDSA" ? `P${String(bits)}` : bits,
      remedy: "Set spec.privateKey.size.",
    },
  ];
}

/** What istiod is given, however it was created. */
function givenKeys(resource: Resource): Key[] {
  if (!isCacerts(resource)) {
    return [];
  }
  const { certificate, roots } = filesOf(resource);
  return [certificate, roots].flatMap((file) =>
    certificatesIn(fileOf(resource, file) ?? "").map(({ publicKey }): Key => {
      const { asymmetricKeyType: type, asymmetricKeyDetails: details } = publicKey;
      const where = `The key of ${file} in Secret ${subject(resource)}`;
      const remedy = "Have it reissued with a longer key.";
      const curve = details?.namedCurve;
      switch (type) {
        case "rsa":
          return { where, algorithm: "RSA", size: details?.modulusLength, remedy };
        case "ec":
          return {
            where,
            algorithm: "ECDSA",
            size: curve === undefined ? undefined : (curves[curve] ?? curve),
            remedy,
          };
        default:
          return { where, algorithm: "other", size: keyName(publicKey), remedy: "Have it reissued with ECDSA or RSA." };
      }
    }),
  );
}
