/**
 * Proxies of the environment, as Go's programs take them (golang.org/x/net/http/httpproxy): kubectl, Helm and Pulumi's plugins, which
 * ask the same servers. Libraries for Node.js know no subnets in NO_PROXY, and send what is for this machine to the proxy.
 */
import { isIP } from "node:net";
import ipaddr from "ipaddr.js";

type Environment = Readonly<Record<string, string | undefined>>;

const defaultPorts: Readonly<Record<string, string>> = { "http:": "80", "https:": "443" };
const schemes: ReadonlySet<string> = new Set(["http:", "https:", "socks5:", "socks5h:"]);

/**
 * The proxy that a URL is asked for through, by HTTPS_PROXY, HTTP_PROXY and NO_PROXY, in capitals or not.
 *
 * @returns Its URL, which may have a password; undefined where the server is asked directly.
 */
export function proxyFor(url: URL, environment: Environment = process.env): string | undefined {
  const variable = (name: string) => environment[name] || environment[name.toLowerCase()] || "";
  const proxy = proxyUrl(variable(url.protocol === "https:" ? "HTTPS_PROXY" : "HTTP_PROXY"));
  return proxy === undefined || isDirect(url, variable("NO_PROXY")) ? undefined : proxy;
}

/** A proxy for messages: without its password. */
export function shownProxy(proxy: string): string {
  const { protocol, host } = new URL(proxy);
  return `${protocol}//${host}`;
}

/** The URL in a variable, http if it has no scheme; undefined where there is none, and where it is no proxy: Go ignores that too. */
function proxyUrl(value: string): string | undefined {
  const url = [value, `http://${value}`].find(
    (text) => URL.canParse(text) && schemes.has(new URL(text).protocol) && new URL(text).host !== "",
  );
  return value === "" ? undefined : url;
}

function isDirect({ protocol, hostname, port: given }: URL, noProxy: string): boolean {
  const host = hostname.replace(/^\[(.*)\]$/, "$1").toLowerCase();
  const port = given || defaultPorts[protocol];
  const address = isIP(host) === 0 ? undefined : ipaddr.process(host);
  if (host === "localhost" || address?.range() === "loopback") {
    return true;
  }
  return noProxy
    .split(",")
    .map((entry) => entry.trim().toLowerCase())
    .some((entry) => {
      if (entry === "*") {
        return true;
      }
      if (ipaddr.isValidCIDR(entry)) {
        const [network, bits] = ipaddr.parseCIDR(entry);
        return address?.kind() === network.kind() && address.match(network, bits);
      }
      const [name, onlyPort] = nameAndPort(entry);
      if (name === "" || (onlyPort !== undefined && onlyPort !== port)) {
        return false;
      }
      if (isIP(name) !== 0) {
        return address !== undefined && ipaddr.process(name).toString() === address.toString();
      }
      // A domain, and everything below it; below it alone, if it begins with a dot.
      const below = name.replace(/^\*?\./, ".");
      return address === undefined && (below.startsWith(".") ? host.endsWith(below) : `.${host}`.endsWith(`.${below}`));
    });
}

/** An entry of NO_PROXY: a name or an address, in brackets if it is IPv6 and has a port. */
function nameAndPort(entry: string): readonly [name: string, port?: string] {
  if (isIP(entry) !== 0) {
    return [entry];
  }
  const [, bracketed, name = "", port] = /^(?:\[([^\]]*)\]|([^:]*))(?::(\d+))?$/.exec(entry) ?? [];
  return [bracketed ?? name, port];
}
