import * as grpc from "@grpc/grpc-js";
import type { UntypedServiceImplementation } from "@grpc/grpc-js";
import { ResourceProviderService } from "@pulumi/pulumi/proto/provider_grpc_pb";
import { PluginInfo } from "@pulumi/pulumi/proto/plugin_pb";
import * as rpc from "@pulumi/pulumi/proto/provider_pb";
import { Empty } from "google-protobuf/google/protobuf/empty_pb";
import type { Difference } from "./difference";
import { EngineLog } from "./engine";
import { statusOf } from "./failure";
import type { Call, Existing, Provider, ResourceType } from "./provider";
import { fromWire, revealProps, toWire } from "./values";

/** CRDs and charts' values outgrow gRPC's default of 4 MiB. */
const MAX_MESSAGE_BYTES = 400 * 1024 * 1024;
/** Options of a server that takes the engine's messages. */
export const messageLimits = {
  "grpc.max_receive_message_length": MAX_MESSAGE_BYTES,
  "grpc.max_send_message_length": MAX_MESSAGE_BYTES,
};

/** What the calls about one resource have in common on the wire. */
interface ResourceRequest {
  getUrn(): string;
  getPreview?(): boolean;
  getTimeout?(): number;
}

/**
 * Serves a provider to the Pulumi engine that started this process: prints the port, then answers until the engine
 * interrupts the process, or is gone.
 */
export function serve(provider: Provider, version: string): void {
  const engineAddress = process.argv.at(-1);
  if (process.argv.length < 3 || engineAddress === undefined) {
    throw new Error(`This is a Pulumi plugin (${provider.name}): the Pulumi engine starts it with its address.`);
  }
  const server = new grpc.Server(messageLimits);
  server.addService(ResourceProviderService, providerService(provider, version, new EngineLog(engineAddress)));
  server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (error, port) => {
    if (error !== null) {
      throw error;
    }
    process.stdout.write(`${String(port)}\n`);
  });
  const stop = () => {
    process.exit(0);
  };
  process.on("SIGINT", stop);
  process.on("SIGTERM", stop);
  // The engine holds the other end: it closes when the engine dies without a word.
  process.stdin.on("end", stop).resume();
}

/** The methods of a provider as gRPC has them. */
export function providerService(provider: Provider, version: string, engine: EngineLog): UntypedServiceImplementation {
  const interrupted = new AbortController();

  const resource = (type: string): ResourceType => {
    const found = provider.resource(type);
    if (found === undefined) {
      throw new Error(
        `The stand-in for Pulumi's ${provider.name} plugin does not know ${type}. Add it under rehearsal/plugins, ` +
          `or use Pulumi's own plugin.`,
      );
    }
    return found;
  };
  const call = (request: ResourceRequest): Call => {
    const urn = request.getUrn();
    const timeout = request.getTimeout?.() ?? 0;
    const [, , qualifiedType = "", name = ""] = urn.split("::");
    return {
      urn,
      type: qualifiedType.split("$").at(-1) ?? "",
      name,
      preview: request.getPreview?.() ?? false,
      timeoutSeconds: timeout > 0 ? timeout : undefined,
      signal: interrupted.signal,
      log: (severity, message, passing = false) => {
        engine.log(urn, severity, message, passing);
      },
    };
  };
  /** Turns a function into a gRPC method: what it throws becomes the status that the engine understands. */
  const unary =
    <Request, Response>(answer: (request: Request) => Response | Promise<Response>) =>
    (
      { request }: grpc.ServerUnaryCall<Request, Response>,
      reply: (error: Partial<grpc.ServiceError> | null, response?: Response) => void,
    ): void => {
      void (async () => {
        try {
          const response = await answer(request);
          await engine.flush();
          reply(null, response);
        } catch (error) {
          await engine.flush();
          reply(statusOf(error));
        }
      })();
    };

  return {
    getPluginInfo: unary(() => {
      const info = new PluginInfo();
      info.setVersion(version);
      return info;
    }),
    checkConfig: unary((request: rpc.CheckRequest) => {
      const response = new rpc.CheckResponse();
      response.setInputs(request.getNews());
      return response;
    }),
    diffConfig: unary(async (request: rpc.DiffRequest) => {
      if (provider.diffConfig === undefined) {
        return new rpc.DiffResponse();
      }
      return diffResponse(await provider.diffConfig(fromWire(request.getOldInputs()), fromWire(request.getNews())));
    }),
    configure: unary(async (request: rpc.ConfigureRequest) => {
      const prefix = `${provider.name}:config:`;
      const settings = request
        .getVariablesMap()
        .toObject()
        .map(([key, value]) => [key.replace(prefix, ""), value] as const);
      await provider.configure?.(new Map(settings));
      const response = new rpc.ConfigureResponse();
      response.setAcceptsecrets(true);
      response.setSupportspreview(true);
      return response;
    }),
    invoke: unary(async (request: rpc.InvokeRequest) => {
      const token = request.getTok();
      const context = call({ getUrn: () => "", getPreview: () => request.getPreview() });
      const result = provider.invoke?.(token, revealProps(fromWire(request.getArgs())), context);
      if (result === undefined) {
        throw new Error(
          `The stand-in for Pulumi's ${provider.name} plugin does not know the function ${token}. Add it under ` +
            `rehearsal/plugins, or use Pulumi's own plugin.`,
        );
      }
      const response = new rpc.InvokeResponse();
      response.setReturn(toWire(await result));
      return response;
    }),
    check: unary(async (request: rpc.CheckRequest) => {
      const context = call(request);
      const inputs = fromWire(request.getNews());
      const checked = (await resource(context.type).check?.(inputs, fromWire(request.getOlds()), context)) ?? {
        inputs,
      };
      const response = new rpc.CheckResponse();
      response.setInputs(toWire(checked.inputs));
      response.setFailuresList(
        (checked.failures ?? []).map(({ property, reason }) => {
          const failure = new rpc.CheckFailure();
          failure.setProperty(property);
          failure.setReason(reason);
          return failure;
        }),
      );
      return response;
    }),
    diff: unary(async (request: rpc.DiffRequest) => {
      const context = call(request);
      const old = existing(request.getId(), request.getOlds(), request.getOldInputs());
      return diffResponse(await resource(context.type).diff(old, fromWire(request.getNews()), context));
    }),
    create: unary(async (request: rpc.CreateRequest) => {
      const context = call(request);
      const created = await resource(context.type).create(fromWire(request.getProperties()), context);
      const response = new rpc.CreateResponse();
      response.setId(context.preview ? "" : created.id);
      response.setProperties(toWire(created.state));
      return response;
    }),
    read: unary(async (request: rpc.ReadRequest) => {
      const context = call(request);
      const old = existing(request.getId(), request.getProperties(), request.getInputs());
      const type = resource(context.type);
      if (type.read === undefined && Object.keys(old.state).length === 0) {
        throw new Error(`The stand-in for Pulumi's ${provider.name} plugin can't import a ${context.type}.`);
      }
      const found = type.read === undefined ? old : await type.read(old, context);
      const response = new rpc.ReadResponse();
      if (found !== undefined) {
        response.setId(found.id);
        response.setProperties(toWire(found.state));
        response.setInputs(toWire(found.inputs));
      }
      return response;
    }),
    update: unary(async (request: rpc.UpdateRequest) => {
      const context = call(request);
      const old = existing(request.getId(), request.getOlds(), request.getOldInputs());
      const state = await resource(context.type).update?.(old, fromWire(request.getNews()), context);
      if (state === undefined) {
        throw new Error(`A ${context.type} can't be updated in place.`);
      }
      const response = new rpc.UpdateResponse();
      response.setProperties(toWire(state));
      return response;
    }),
    delete: unary(async (request: rpc.DeleteRequest) => {
      const context = call(request);
      const old = existing(request.getId(), request.getProperties(), request.getOldInputs());
      await resource(context.type).delete?.(old, context);
      return new Empty();
    }),
    cancel: unary(() => {
      interrupted.abort();
      return new Empty();
    }),
  };
}

type Struct = Parameters<typeof fromWire>[0];

function existing(id: string, state: Struct, inputs: Struct): Existing {
  return { id, state: fromWire(state), inputs: fromWire(inputs) };
}

const KINDS = {
  add: [rpc.PropertyDiff.Kind.ADD, rpc.PropertyDiff.Kind.ADD_REPLACE],
  update: [rpc.PropertyDiff.Kind.UPDATE, rpc.PropertyDiff.Kind.UPDATE_REPLACE],
  delete: [rpc.PropertyDiff.Kind.DELETE, rpc.PropertyDiff.Kind.DELETE_REPLACE],
} as const;

function diffResponse({ changes, replaces, deleteBeforeReplace = false }: Difference): rpc.DiffResponse {
  const response = new rpc.DiffResponse();
  const any = changes.size > 0;
  response.setChanges(any ? rpc.DiffResponse.DiffChanges.DIFF_SOME : rpc.DiffResponse.DiffChanges.DIFF_NONE);
  response.setReplacesList([...replaces]);
  response.setDeletebeforereplace(deleteBeforeReplace);
  response.setDiffsList([...changes.keys()]);
  response.setHasdetaileddiff(any);
  for (const [path, change] of changes) {
    const [inPlace, replacing] = KINDS[change];
    const detail = new rpc.PropertyDiff();
    detail.setKind(replaces.includes(path) ? replacing : inPlace);
    // What is gone is in the old inputs; everything else differs from the old state.
    detail.setInputdiff(change === "delete");
    response.getDetaileddiffMap().set(path, detail);
  }
  return response;
}
