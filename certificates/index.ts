/** X.509 certificates: reading them, and what they may be used for. No Pulumi, no cluster. */
export { certificatesIn, hashOf, isCertificate, issued, keyOf, rootOf } from "./certificates";
export { signingRights, type SigningRights } from "./signing-rights";
