import { createHash, createPublicKey } from "node:crypto";
import "./reflect";
import * as x509 from "@peculiar/x509";
import { differ, withUnknown } from "../protocol/difference";
import type { Provider, ResourceType } from "../protocol/provider";
import { asText, revealProps, secret } from "../protocol/values";
import { locallySignedCert, selfSignedCert } from "./certificate";
import { alternativeNames, distinguishedName } from "./extensions";
import { algorithmOf, makeKey, pkcs8Pem, publicPem, readKey, signer, traditionalPem } from "./key";

/** SSH's forms of a key are the one thing left out: nothing in a mesh reads them. */
const KEY_OUTPUTS = ["privateKeyPem", "privateKeyPemPkcs8", "publicKeyPem"];

const privateKey: ResourceType = {
  check: (inputs) => ({ inputs: { ecdsaCurve: "P224", rsaBits: 2048, ...inputs } }),
  diff: (old, inputs) => differ(old.inputs, inputs, () => true),
  create: async (inputs, call) => {
    if (call.preview) {
      return { id: "", state: withUnknown(inputs, KEY_OUTPUTS) };
    }
    const { algorithm, rsaBits, ecdsaCurve } = revealProps(inputs);
    const key = await makeKey({
      algorithm: asText(algorithm),
      rsaBits: Number(rsaBits),
      ecdsaCurve: asText(ecdsaCurve),
    });
    const id = createHash("sha1")
      .update(createPublicKey(key).export({ type: "spki", format: "der" }))
      .digest("hex");
    return {
      id,
      state: {
        ...inputs,
        privateKeyPem: secret(traditionalPem(key)),
        privateKeyPemPkcs8: secret(pkcs8Pem(key)),
        publicKeyPem: publicPem(key),
      },
    };
  },
};

const certRequest: ResourceType = {
  diff: (old, inputs) => differ(old.inputs, inputs, () => true),
  create: async (inputs, call) => {
    if (call.preview) {
      return { id: "", state: withUnknown(inputs, ["certRequestPem", "keyAlgorithm"]) };
    }
    const plain = revealProps(inputs);
    const key = readKey(asText(plain.privateKeyPem), "privateKeyPem");
    const { keys, algorithm } = await signer(key);
    const request = await x509.Pkcs10CertificateRequestGenerator.create({
      name: distinguishedName(plain.subject),
      keys,
      signingAlgorithm: algorithm,
      extensions: alternativeNames(plain),
    });
    return {
      id: createHash("sha1").update(Buffer.from(request.rawData)).digest("hex"),
      state: { ...inputs, certRequestPem: `${request.toString("pem")}\n`, keyAlgorithm: algorithmOf(key) },
    };
  },
};

const TYPES = new Map([
  ["tls:index/privateKey:PrivateKey", privateKey],
  ["tls:index/certRequest:CertRequest", certRequest],
  ["tls:index/selfSignedCert:SelfSignedCert", selfSignedCert],
  ["tls:index/locallySignedCert:LocallySignedCert", locallySignedCert],
]);

/** Keys and certificates. */
export const tls: Provider = { name: "tls", resource: (type) => TYPES.get(type) };
