import type { MessageEvent, WebSocket } from "ws";
import type { Exec, KubeConfig } from "@kubernetes/client-node" with { "resolution-mode": "import" };
import { Unreachable } from "./api-server";
import type { Access } from "./kubeconfig";

/** What Exec and PortForward connect by. */
type SocketInterface = NonNullable<ConstructorParameters<typeof Exec>[1]> & { readonly config: KubeConfig };

/** Bytes of all that a pod sends: of the answers that are asked for, a ztunnel's dump of a large mesh is the largest. */
const longest = 64 << 20;

/**
 * How the Kubernetes client opens WebSockets to pods, with limits, and for servers that follow no protocol: what the client
 * throws over a message that it does not understand would end the program.
 *
 * @param patience How long the server may take to answer, in milliseconds.
 * @param fail Called with the reason if the connection is given up.
 * @throws Error where there are no credentials.
 */
export async function podSocket(
  access: Access,
  patience: number,
  fail: (error: Unreachable) => void,
): Promise<SocketInterface> {
  const [{ WebSocketHandler }, { WebSocket }, config] = await Promise.all([
    import("@kubernetes/client-node/dist/web-socket-handler.js"),
    import("ws"),
    access.config(),
  ]);
  const apply = config.applyToHTTPSOptions.bind(config);
  config.applyToHTTPSOptions = async (options) => {
    await apply(options);
    // Options of the library `ws`, which are passed on to it.
    Object.assign(options, { handshakeTimeout: patience, maxPayload: longest, followRedirects: false });
  };
  const refuse = () => {
    fail(new Unreachable("it does not answer like an API server"));
  };
  const handler = new WebSocketHandler(config, (uri, protocols, options) => {
    const socket = new WebSocket(uri, protocols, options);
    guard(socket, refuse);
    // The same class, which the client library knows from a module of its own.
    // eslint-disable-next-line @typescript-eslint/no-unsafe-class-instance-assignment
    return socket;
  });
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
          refuse();
          return false;
        }
      });
    },
  };
}

/** Channels of exec and port-forward (k8s.io/apimachinery/pkg/util/remotecommand/constants.go), and of one forwarded port. */
const lastChannel = 4;

/**
 * Has a WebSocket hand on only messages which begin with the number of a channel. The client's own reader throws over an empty
 * one outside of everything that could catch it, and ends this program's standard output when it is told to (channel 255).
 */
function guard(socket: Pick<WebSocket, "addEventListener" | "terminate">, refuse: () => void): void {
  Object.defineProperty(socket, "onmessage", {
    set: (read: (event: MessageEvent) => void) => {
      socket.addEventListener("message", (event) => {
        const { data } = event;
        if (Buffer.isBuffer(data) && data.length > 0 && data.readUInt8(0) <= lastChannel) {
          read(event);
        } else {
          refuse();
          socket.terminate();
        }
      });
    },
  });
}
