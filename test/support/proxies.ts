import { once } from "node:events";
import { createServer, type IncomingMessage, type Server as HttpServer, type ServerResponse } from "node:http";
import { createServer as createTlsServer } from "node:https";
import { type AddressInfo, connect, createServer as createTcpServer, type Server, type Socket } from "node:net";
import { certify, privateKeyOf } from "./authorities";

const loopback = "127.0.0.1";

async function listening<Some extends Server>(server: Some): Promise<{ server: Some; port: number }> {
  server.listen(0, loopback);
  await once(server, "listening");
  return { server, port: (server.address() as AddressInfo).port };
}

/** What a proxy was asked for: `host:port`, in order. */
interface Proxy extends AsyncDisposable {
  readonly port: number;
  readonly asked: string[];
}

/**
 * A proxy for CONNECT, of http. Whatever name it is asked for, it leads to this machine.
 *
 * @param status What it answers, 200 to let through.
 * @param credentials `user:password` that it wants.
 */
export async function connectProxy(status = 200, credentials?: string): Promise<Proxy> {
  const asked: string[] = [];
  const sockets = new Set<Socket>();
  const { server, port } = await listening(createServer());
  server.on("connect", (request: IncomingMessage, client: Socket) => {
    asked.push(request.url ?? "");
    sockets.add(client);
    client.on("error", () => undefined);
    const basic = `Basic ${Buffer.from(credentials ?? "").toString("base64")}`;
    if (status !== 200 || (credentials !== undefined && request.headers["proxy-authorization"] !== basic)) {
      client.end(`HTTP/1.1 ${String(status === 200 ? 407 : status)} No\r\n\r\n`);
      return;
    }
    const upstream = connect(Number((request.url ?? "").replace(/.*:/, "")), loopback, () => {
      client.write("HTTP/1.1 200 OK\r\n\r\n");
      upstream.pipe(client).pipe(upstream);
    });
    sockets.add(upstream);
    upstream.on("error", () => client.destroy());
  });
  return { port, asked, [Symbol.asyncDispose]: () => closed(server, sockets) };
}

/** A SOCKS5 proxy without a password (RFC 1928), for names and IPv4 addresses. */
export async function socksProxy(): Promise<Proxy> {
  const asked: string[] = [];
  const sockets = new Set<Socket>();
  const { server, port } = await listening(createTcpServer());
  server.on("connection", (client: Socket) => {
    sockets.add(client);
    client.on("error", () => undefined);
    client.once("data", () => {
      client.write(Buffer.from([5, 0]));
      client.once("data", (request: Buffer) => {
        const isName = request[3] === 3;
        const end = isName ? 5 + (request[4] ?? 0) : 8;
        const host = isName ? request.subarray(5, end).toString() : [...request.subarray(4, end)].join(".");
        const target = request.readUInt16BE(end);
        asked.push(`${host}:${String(target)}`);
        const upstream = connect(target, loopback, () => {
          client.write(Buffer.from([5, 0, 0, 1, 0, 0, 0, 0, 0, 0]));
          upstream.pipe(client).pipe(upstream);
        });
        sockets.add(upstream);
        upstream.on("error", () => client.destroy());
      });
    });
  });
  return { port, asked, [Symbol.asyncDispose]: () => closed(server, sockets) };
}

async function closed(server: Server, sockets: ReadonlySet<Socket>): Promise<void> {
  sockets.forEach((socket) => socket.destroy());
  server.close();
  await once(server, "close");
}

/** A server for TLS. */
export interface SecureServer extends AsyncDisposable {
  readonly server: HttpServer;
  readonly port: number;
  /** What signs its certificate, PEM. */
  readonly authority: string;
}

/** A server with a certificate of one name, which no other host has. */
export async function secureServer(
  name: string,
  answer: (request: IncomingMessage, response: ServerResponse) => void,
): Promise<SecureServer> {
  const authority = await certify("authority");
  const own = await certify(name, authority, name);
  const { server, port } = await listening(createTlsServer({ cert: own.pem, key: privateKeyOf(own) }, answer));
  return {
    server,
    port,
    authority: authority.pem,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}
