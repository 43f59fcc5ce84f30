import type { Exec, KubeConfig } from "@kubernetes/client-node" with { "resolution-mode": "import" };
import { Unreachable } from "./api-server";
import type { Access } from "./kubeconfig";

/** What Exec and PortForward connect by. */
type SocketInterface = NonNullable<ConstructorParameters<typeof Exec>[1]> & { readonly config: KubeConfig };

/** Bytes of all that a pod sends: of the answers that are asked for, a ztunnel's dump of a large mesh is the largest. */
const longest = 64 << 20;

/**
 * What the Kubernetes client makes WebSockets to pods by, with limits, and for servers that keep to nothing: what the client
 * throws over a message that it does not understand would end the program.
 *
 * @param patience How long the server may take to answer, in milliseconds.
 * @param fail Told why the connection is given up.
 * @throws Error where there are no credentials.
 */
export async function podSocket(
  access: Access,
  patience: number,
  fail: (error: Unreachable) => void,
): Promise<SocketInterface> {
  const [{ WebSocketHandler }, config] = await Promise.all([
    import("@kubernetes/client-node/dist/web-socket-handler.js"),
    access.config(),
  ]);
  const apply = config.applyToHTTPSOptions.bind(config);
  config.applyToHTTPSOptions = async (options) => {
    await apply(options);
    // Options of the library `ws`, which are passed on to it.
    Object.assign(options, { handshakeTimeout: patience, maxPayload: longest, followRedirects: false });
  };
  const handler = new WebSocketHandler(config);
  return {
    config,
    connect: async (path, textHandler, binaryHandler) => {
      let bytes = 0;
      return handler.connect(path, textHandler, (stream, data) => {
        bytes += data.length;
        if (bytes > longest) {
          fail(new Unreachable(`it sends more than ${String(longest >> 20)} MiB`));
          return false;
        }
        try {
          return binaryHandler?.(stream, data) ?? true;
        } catch {
          fail(new Unreachable("it does not answer as an API server does"));
          return false;
        }
      });
    },
  };
}
