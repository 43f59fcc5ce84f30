import * as grpc from "@grpc/grpc-js";
import type { UntypedServiceImplementation } from "@grpc/grpc-js";
import { version as commandVersion } from "@pulumi/command/package.json";
import { version as kubernetesVersion } from "@pulumi/kubernetes/package.json";
import { ResourceProviderService } from "@pulumi/pulumi/proto/provider_grpc_pb";
import type { PluginAttach } from "@pulumi/pulumi/proto/plugin_pb";
import { version as randomVersion } from "@pulumi/random/package.json";
import { version as tlsVersion } from "@pulumi/tls/package.json";
import { Empty } from "google-protobuf/google/protobuf/empty_pb";
import { EngineLog } from "../../../rehearsal/plugins/protocol/engine";
import { messageLimits, providerService } from "../../../rehearsal/plugins/protocol/serve";
import { random } from "../../../rehearsal/plugins/random/provider";
import { tls } from "../../../rehearsal/plugins/tls/provider";
import { command } from "./command";
import { kubernetes } from "./kubernetes";
import { type Placed, recorded } from "./recorded";

const packages: Readonly<Record<string, { readonly version: string; readonly open: (world: string) => Placed }>> = {
  command: { version: commandVersion, open: command },
  kubernetes: { version: kubernetesVersion, open: kubernetes },
  random: { version: randomVersion, open: () => ({ provider: random }) },
  tls: { version: tlsVersion, open: () => ({ provider: tls }) },
};

/** The echo providers of a world. */
export interface Echoes {
  /** What PULUMI_DEBUG_PROVIDERS has to be, so that an engine takes them: `<package>:<port>,…` */
  readonly debugProviders: string;
  close(): void;
}

/**
 * Serves the echo providers of a world from this process. Engines that attach to them start none of their own, a quarter of what
 * an update of an echo costs otherwise.
 *
 * @param world Its folder.
 */
export async function serveEchoes(world: string): Promise<Echoes> {
  const servers = Object.entries(packages).map(([name, { version, open }]) => {
    const server = new grpc.Server(messageLimits);
    server.addService(
      ResourceProviderService,
      perConnection((engine) => providerService(recorded(world, open(world)), version, engine)),
    );
    return { name, server };
  });
  const ports = await Promise.all(
    servers.map(async ({ name, server }) => {
      const port = await new Promise<number>((resolve, reject) => {
        server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (error, bound) => {
          if (error === null) {
            resolve(bound);
          } else {
            reject(error);
          }
        });
      });
      return `${name}:${String(port)}`;
    }),
  );
  return {
    debugProviders: ports.join(","),
    close: () => {
      servers.forEach(({ server }) => {
        server.forceShutdown();
      });
    },
  };
}

/**
 * The engine has a connection for each provider resource, such as one for each cluster, and configures each by itself: what
 * would be a process of its own is told by where the connection comes from.
 */
function perConnection(open: (engine: EngineLog) => UntypedServiceImplementation): UntypedServiceImplementation {
  const connections = new Map<string, UntypedServiceImplementation>();
  const methods = Object.keys(ResourceProviderService).map((method) => [
    method,
    (call: grpc.ServerUnaryCall<PluginAttach, Empty>, reply: grpc.sendUnaryData<Empty>) => {
      const peer = call.getPeer();
      if (method === "attach") {
        connections.set(peer, open(new EngineLog(call.request.getAddress())));
        reply(null, new Empty());
        return;
      }
      const answer = connections.get(peer)?.[method] as typeof unimplemented | undefined;
      (answer ?? unimplemented)(call, reply);
    },
  ]);
  return Object.fromEntries(methods) as UntypedServiceImplementation;
}

function unimplemented(_call: unknown, reply: (error: Partial<grpc.StatusObject>) => void): void {
  reply({ code: grpc.status.UNIMPLEMENTED, details: "no echo has this method" });
}
