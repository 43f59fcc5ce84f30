import * as grpc from "@grpc/grpc-js";
import * as engineGrpc from "@pulumi/pulumi/proto/engine_grpc_pb";
import * as engine from "@pulumi/pulumi/proto/engine_pb";
import type { Severity } from "./provider";

const SEVERITIES = {
  debug: engine.LogSeverity.DEBUG,
  info: engine.LogSeverity.INFO,
  warning: engine.LogSeverity.WARNING,
  error: engine.LogSeverity.ERROR,
};

/** The engine's side of the conversation: it shows what a plugin has to say. */
export class EngineLog {
  private readonly client: engineGrpc.EngineClient;
  private readonly pending = new Set<Promise<void>>();

  constructor(address: string) {
    this.client = new engineGrpc.EngineClient(address, grpc.credentials.createInsecure());
  }

  log(urn: string, severity: Severity, message: string, passing: boolean): void {
    const request = new engine.LogRequest();
    request.setUrn(urn);
    request.setSeverity(SEVERITIES[severity]);
    request.setMessage(message);
    request.setEphemeral(passing);
    const sent = new Promise<void>((resolve) => {
      // A message that the engine no longer takes must not fail the work it was about.
      this.client.log(request, () => {
        resolve();
      });
    });
    this.pending.add(sent);
    void sent.then(() => this.pending.delete(sent));
  }

  /** Resolves when everything said so far has been taken: call it before the answer that ends the work. */
  async flush(): Promise<void> {
    await Promise.all(this.pending);
  }
}
