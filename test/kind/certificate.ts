import { type ChildProcess, execFileSync } from "node:child_process";
import { X509Certificate } from "node:crypto";
import { once } from "node:events";
import { Client, credentials, Metadata, type ServiceError } from "@grpc/grpc-js";
import { BinaryReader, BinaryWriter } from "google-protobuf";
import type { MachineStack } from "./stack";

/**
 * Requests a workload certificate as a proxy does: from istiod's own certificate service, with the token of a service account.
 * Returns the chain, the workload's certificate first. It also proves that istiod serves under a certificate of that root.
 */
export async function workloadCertificate(
  stack: MachineStack,
  cluster: string,
  rootCertificate: string,
): Promise<X509Certificate[]> {
  const token = await stack.kubectl(cluster, "create", "token", "default", "--audience=istio-ca");
  const forward = stack.start(cluster, "port-forward", "--namespace=istio-system", "service/istiod", ":15012");
  try {
    const client = new Client(
      `127.0.0.1:${await portOf(forward)}`,
      credentials.createSsl(Buffer.from(rootCertificate)),
      { "grpc.ssl_target_name_override": "istiod.istio-system.svc" },
    );
    const chain = await createCertificate(client, token.trim(), request());
    client.close();
    return chain.map((pem) => new X509Certificate(pem));
  } finally {
    forward.kill();
  }
}

async function portOf(forward: ChildProcess): Promise<string> {
  const [said] = (await once(forward.stdout ?? forward, "data")) as [Buffer];
  return /127\.0\.0\.1:(\d+)/.exec(said.toString())?.[1] ?? "";
}

/** A signing request (PEM) for the service account `default` of the namespace `default`; nobody needs its key. */
function request(): string {
  const name = "subjectAltName=URI:spiffe://cluster.local/ns/default/sa/default";
  const key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", "/dev/null"];
  return execFileSync("openssl", ["req", "-new", ...key, "-subj", "/O=flatmesh", "-addext", name], {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "ignore"],
  });
}

/** Calls istio.v1.auth.IstioCertificateService (security/v1alpha1/ca.proto in istio/api). */
function createCertificate(client: Client, token: string, csr: string): Promise<string[]> {
  const metadata = new Metadata();
  metadata.set("authorization", `Bearer ${token}`);
  const serialize = (text: string): Buffer => {
    const writer = new BinaryWriter();
    writer.writeString(1, text);
    writer.writeInt64(3, 3600);
    return Buffer.from(writer.getResultBuffer());
  };
  const deserialize = (bytes: Buffer): string[] => {
    const reader = new BinaryReader(bytes);
    const chain: string[] = [];
    while (reader.nextField()) {
      if (reader.getFieldNumber() === 1) {
        chain.push(reader.readString());
      } else {
        reader.skipField();
      }
    }
    return chain;
  };
  return new Promise((resolve, reject) => {
    client.makeUnaryRequest(
      "/istio.v1.auth.IstioCertificateService/CreateCertificate",
      serialize,
      deserialize,
      csr,
      metadata,
      (error: ServiceError | null, chain?: string[]) => {
        if (error) {
          reject(error);
        } else {
          resolve(chain ?? []);
        }
      },
    );
  });
}
