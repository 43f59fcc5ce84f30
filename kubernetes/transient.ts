/**
 * Failures of an API server that pass by themselves: it restarts, a new leader is elected, a load balancer drops a connection. The
 * wordings are those of Go's net/http and of client-go (util/net IsConnectionRefused, IsConnectionReset, IsHTTP2ConnectionLost), of
 * etcd's errors (etcdserver/errors.go), of apimachinery's statuses (api/errors), and of Node.
 */
const passing: readonly RegExp[] = [
  /connect(?:ion)? refused|ECONNREFUSED/i,
  /connection reset|ECONNRESET|broken pipe|EPIPE|socket hang up|connection (?:was )?(?:aborted|closed)|use of closed network connection/i,
  /\bunexpected EOF\b|: EOF\b/,
  /i\/o timeout|ETIMEDOUT|TLS handshake timeout|request canceled while waiting for connection|Client\.Timeout exceeded/i,
  /http2: (?:client connection lost|client connection force closed|server sent GOAWAY)|GOAWAY|stream error:.*(?:INTERNAL_ERROR|REFUSED_STREAM)/i,
  /no route to host|network is unreachable|EHOSTUNREACH|ENETUNREACH/i,
  /server misbehaving|temporary failure in name resolution|EAI_AGAIN/i,
  /etcdserver: (?:leader changed|request timed out|no leader|server stopped|too many requests|not capable|unhealthy cluster)/i,
  /\b(?:too many requests|TooManyRequests)\b|has asked for the client to provide fewer requests|please try again later/i,
  /the server is currently unable to handle the request|ServiceUnavailable|\bservice unavailable\b/i,
  /the server was unable to return a response in the time allotted|timeout: request did not complete within|gateway time-?out|bad gateway/i,
  /storage is (?:re)?initializing|apiserver (?:not ready|is shutting down)|\bshutting down\b|server is still starting/i,
  // Webhooks that have just been installed, whose pods or certificates are not there yet.
  /no endpoints available for service/i,
  /(?:calling|conversion) webhook[^\n]*(?:deadline exceeded|timeout|x509:)/i,
  // Of an object that is made again while the API server still deletes it, as after an interrupted destroy.
  /object is being deleted: [^\n]* already exists/i,
  /the object has been modified; please apply your changes to the latest version/i,
  /could not get apiVersions? from Kubernetes|unable to retrieve the complete list of server APIs/i,
];

/** What remains when it is tried again, whatever else the message says. */
const lasting: readonly RegExp[] = [
  // Pulumi's provider has given up the cluster for the whole update.
  /configured Kubernetes cluster is unreachable|with unreachable cluster/,
  /^(?![^\n]*webhook)[^\n]*(?:x509:|certificate (?:has expired|signed by unknown))/im,
  /Unauthorized|is forbidden:|denied the request/i,
  // The containers' own registries fail in the same words.
  /pull(?:ing)? image|ErrImagePull|ImagePullBackOff|CrashLoopBackOff/i,
];

/** Whether an operation that failed with this message may succeed when it is tried again. */
export function isTransient(message: string): boolean {
  return passing.some((pattern) => pattern.test(message)) && !lasting.some((pattern) => pattern.test(message));
}
