import * as grpc from "@grpc/grpc-js";
import { ErrorResourceInitFailed } from "@pulumi/pulumi/proto/provider_pb";
import { Status } from "@pulumi/pulumi/proto/status_pb";
import { Any } from "google-protobuf/google/protobuf/any_pb";
import { NotReady } from "./provider";
import { toWire } from "./values";

/** An error as gRPC carries it: the message, and for {@link NotReady} the state that the engine shall keep. */
export function statusOf(error: unknown): Partial<grpc.ServiceError> {
  const message = error instanceof Error ? error.message : String(error);
  const code = grpc.status.UNKNOWN;
  if (!(error instanceof NotReady)) {
    return { code, details: message };
  }
  const failed = new ErrorResourceInitFailed();
  failed.setId(error.id);
  failed.setProperties(toWire(error.state));
  failed.setReasonsList([message, ...error.reasons]);
  if (error.inputs !== undefined) {
    failed.setInputs(toWire(error.inputs));
  }
  const detail = new Any();
  detail.pack(failed.serializeBinary(), "pulumirpc.ErrorResourceInitFailed");
  const status = new Status();
  status.setCode(code);
  status.setMessage(message);
  status.addDetails(detail);
  // https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md: details beyond the message go into this trailer.
  const metadata = new grpc.Metadata();
  metadata.set("grpc-status-details-bin", Buffer.from(status.serializeBinary()));
  return { code, details: message, metadata };
}
