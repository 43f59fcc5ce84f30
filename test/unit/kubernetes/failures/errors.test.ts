import { describe, expect, it, test } from "vitest";
import { errorCause, isTransient, waitedInVain } from "../../../../kubernetes";

const place = { namespace: "istio-system" };

test.each([
  [
    "another operation (install/upgrade/rollback) is in progress",
    /somebody else installs or upgrades this release/,
    /helm list --deployed --failed --pending -n istio-system/,
  ],
  ["cannot re-use a name that is still in use", /has a Helm release of this name/, /Uninstall it/],
  ["INSTALLATION FAILED: cannot reuse a name that is still in use", /has a Helm release of this name/, /Uninstall it/],
  [
    'Unable to continue with install: ServiceAccount "istiod" in namespace "istio-system" exists and cannot be imported into the current release: invalid ownership metadata; label validation error: missing key "app.kubernetes.io/managed-by": must be set to "Helm"; annotation validation error: missing key "meta.helm.sh/release-name": must be set to "istiod"',
    /^ServiceAccount istiod exists already, and no Helm release has it$/,
    /kubectl delete serviceaccount istiod -n istio-system$/,
  ],
  [
    'Unable to continue with install: ClusterRole "istiod-clusterrole-istio-system" in namespace "" exists and cannot be imported into the current release: invalid ownership metadata; annotation validation error: key "meta.helm.sh/release-name" must equal "istiod": current value is "istio"',
    /belongs to Helm release istio$/,
    /Uninstall release istio /,
  ],
  [
    'cannot patch "ztunnel" with kind DaemonSet: DaemonSet.apps "ztunnel" is invalid: spec.selector: Invalid value: {}: field is immutable',
    /^DaemonSet ztunnel has a field that cannot be changed/,
    /kubectl delete daemonset ztunnel -n istio-system/,
  ],
  [
    "failed pre-install: 1 error occurred:\n\t* job migrate failed: BackoffLimitExceeded",
    /a job of the chart that runs before the install failed/,
    /kubectl get jobs,pods,events/,
  ],
  [
    "execution error at (istiod/templates/validate.yaml:3:4): meshNetworks must be set",
    /can't be rendered \(istiod\/templates\/validate.yaml:3:4\): meshNetworks must be set/,
    /istioVersion/,
  ],
  [
    "values don't meet the specifications of the schema(s) in the following chart(s):\nistiod:\n- (root): Additional property x is not allowed",
    /does not take these values: .*Additional property x/,
    /istioVersion/,
  ],
  [
    'clusterroles.rbac.authorization.k8s.io is forbidden: User "ci" cannot create resource "clusterroles" in API group "rbac.authorization.k8s.io" at the cluster scope',
    /^user ci may not create clusterroles.rbac.authorization.k8s.io$/,
    /kubectl auth can-i create clusterroles.rbac.authorization.k8s.io$/,
  ],
  [
    'secrets is forbidden: User "system:serviceaccount:ci:deployer" cannot list resource "secrets" in API group "" in the namespace "istio-system"',
    /^user system:serviceaccount:ci:deployer may not list secrets in namespace istio-system$/,
    /kubectl auth can-i list secrets -n istio-system$/,
  ],
  [
    'clusterroles.rbac.authorization.k8s.io "istiod" is forbidden: user "ci" (groups=["x"]) is attempting to grant RBAC permissions not currently held:',
    /grant rights that it does not have itself/,
    /cluster administrator/,
  ],
  [
    'unable to build kubernetes objects from release manifest: resource mapping not found for name: "x" namespace: "" from "": no matches for kind "Telemetry" in version "telemetry.istio.io/v1"',
    /no definition of Telemetry in telemetry.istio.io\/v1/,
    /CRD/,
  ],
  [
    'admission webhook "rev.validation.istio.io" denied the request: configuration is invalid',
    /rev.validation.istio.io denies it: configuration is invalid/,
    /exempt/,
  ],
  [
    'conversion webhook for example.com/v1, Kind=Thing failed: Post "https://x.y.svc:443/convert": no endpoints available for service "x"',
    /conversion webhook of Thing \(example.com\/v1\)/,
    /not ready/,
  ],
  [
    'configured Kubernetes cluster is unreachable: unable to load schema information from the API server: Get "https://127.0.0.1:1/openapi/v2": dial tcp 127.0.0.1:1: connect: connection refused',
    /its API server does not answer: unable to load schema/,
    /pulumi up again/,
  ],
  [
    "the server has asked for the client to provide credentials",
    /does not accept the kubeconfig's credentials/,
    /Renew/,
  ],
  ["etcdserver: mvcc: database space exceeded", /etcd is full/, /defragment/],
])("an error says why by itself: %j", (error, reason, remedy) => {
  const cause = errorCause(error, place);
  expect(cause?.reason).toMatch(reason);
  expect(cause?.remedy).toMatch(remedy);
});

test.each([
  "release ztunnel failed, and has been uninstalled due to atomic being set: timed out waiting for the condition",
  "release istiod failed, and has been rolled back due to atomic being set: context deadline exceeded",
  "UPGRADE FAILED: resource DaemonSet/istio-system/ztunnel not ready. status: InProgress, message: Available: 0/1\ncontext deadline exceeded",
])("waiting that ended says nothing of what was waited for: %j", (error) => {
  expect(errorCause(error, place)).toBeUndefined();
  expect(waitedInVain(error)).toBe(true);
  expect(isTransient(error)).toBe(false);
});

describe("what passes by itself", () => {
  it.each([
    'Kubernetes cluster unreachable: Get "https://10.0.0.1:6443/version": dial tcp 10.0.0.1:6443: connect: connection refused',
    'Post "https://10.0.0.1:6443/api/v1/namespaces": read tcp 10.0.0.2:5555->10.0.0.1:6443: read: connection reset by peer',
    'Get "https://10.0.0.1:6443/api": EOF',
    "unexpected EOF",
    'Get "https://10.0.0.1:6443/api": net/http: TLS handshake timeout',
    'Get "https://10.0.0.1:6443/api": dial tcp 10.0.0.1:6443: i/o timeout',
    'Put "https://x": http2: client connection lost',
    'Get "https://x": http2: server sent GOAWAY and closed the connection; LastStreamID=1',
    "etcdserver: leader changed",
    "etcdserver: request timed out",
    "rpc error: code = Unavailable desc = etcdserver: no leader",
    "the server is currently unable to handle the request",
    "the server was unable to return a response in the time allotted, but may still be processing the request",
    "Timeout: request did not complete within requested timeout - context deadline exceeded",
    "the server has received too many requests and has asked us to try again later",
    'Internal error occurred: failed calling webhook "v.io": failed to call webhook: Post "https://a.b.svc:443/x": no endpoints available for service "a"',
    'Internal error occurred: failed calling webhook "v.io": failed to call webhook: Post "https://a.b.svc:443/x": dial tcp 10.1.1.1:443: connect: connection refused',
    'Internal error occurred: failed calling webhook "v.io": failed to call webhook: Post "https://a.b.svc:443/x": context deadline exceeded',
    'failed calling webhook "v.io": failed to call webhook: Post "https://a.b.svc:443/x": tls: failed to verify certificate: x509: certificate signed by unknown authority',
    'conversion webhook for example.com/v1, Kind=Thing failed: Post "https://x.y.svc:443/convert": dial tcp: connect: connection refused',
    'Operation cannot be fulfilled on daemonsets.apps "ztunnel": the object has been modified; please apply your changes to the latest version and try again',
    "apiserver is shutting down",
    "connect ECONNREFUSED 127.0.0.1:6443",
    "socket hang up",
  ])("%j", (error) => {
    expect(isTransient(error)).toBe(true);
  });

  it.each([
    'Get "https://10.0.0.1:6443/version": tls: failed to verify certificate: x509: certificate signed by unknown authority',
    "configured Kubernetes cluster is unreachable: dial tcp: connect: connection refused",
    "can't create Helm Release with unreachable cluster: connection refused",
    'pods "x" is forbidden: exceeded quota: q, requested: pods=1, used: pods=1, limited: pods=1',
    'admission webhook "x" denied the request: connection refused by policy',
    'Back-off pulling image "x": dial tcp 10.0.0.1:443: i/o timeout',
    'namespaces "x" already exists',
    "cannot re-use a name that is still in use",
    "Unauthorized",
  ])("but not %j", (error) => {
    expect(isTransient(error)).toBe(false);
  });
});
