import { expect, test } from "vitest";
import { conditionFor } from "../../../rehearsal/plugins/kubernetes/conditions";
import { normalized, significant } from "../../../rehearsal/plugins/kubernetes/inputs";
import { withDashes, withUnderscores } from "../../../rehearsal/plugins/kubernetes/dashes";
import { prune } from "../../../rehearsal/plugins/kubernetes/prune";
import { markSecrets } from "../../../rehearsal/plugins/kubernetes/secrecy";
import { secret } from "../../../rehearsal/plugins/protocol/values";
import type { JsonObject, Props } from "../../../rehearsal/plugins/protocol/values";

const nothing = () => Promise.resolve(undefined);

const gateway = (annotations: JsonObject, status: JsonObject = {}): JsonObject => ({
  apiVersion: "gateway.networking.k8s.io/v1",
  kind: "Gateway",
  metadata: { name: "g", generation: 2, annotations },
  status,
});

const waiting = (annotation: string, status: JsonObject) =>
  conditionFor(gateway({ "pulumi.com/waitFor": annotation }))?.(
    gateway({ "pulumi.com/waitFor": annotation }, status),
    nothing,
  );

test("kinds that nothing is known about are not waited for, and nothing is with skipAwait", () => {
  expect(conditionFor(gateway({}))).toBeUndefined();
  const pod = { apiVersion: "v1", kind: "Pod", metadata: { annotations: { "pulumi.com/skipAwait": "true" } } };
  expect(conditionFor(pod)).toBeUndefined();
});

test("waitFor waits for a condition, of this generation", () => {
  const programmed = (status: string, observedGeneration = 2) => ({
    conditions: [{ type: "Programmed", status, observedGeneration, reason: "Why", message: "not yet" }],
  });
  expect(waiting("condition=Programmed", {})).toBe("condition Programmed is not there yet");
  expect(waiting("condition=Programmed", programmed("False"))).toBe("condition Programmed is False (Why: not yet)");
  expect(waiting("condition=Programmed", programmed("True", 1))).toMatch(/earlier generation/);
  expect(waiting("condition=Programmed", programmed("True"))).toBeUndefined();
  expect(waiting("condition=Programmed=False", programmed("False"))).toBeUndefined();
});

test("waitFor waits for a path, with or without a value, and for all of a list", () => {
  expect(waiting("jsonpath={.status.addresses}", {})).toBe("{.status.addresses} selects nothing");
  expect(waiting("jsonpath={.status.addresses}", { addresses: [{ value: "1.2.3.4" }] })).toBeUndefined();
  expect(waiting("jsonpath={.status.addresses[0].value}=1.2.3.4", { addresses: [{ value: "9" }] })).toMatch(/ is 9$/);
  expect(waiting("jsonpath={.status.a}=x=y", { a: "x=y" })).toBeUndefined();
  const both = '["condition=Programmed","jsonpath={.status.addresses}"]';
  const conditions = [{ type: "Programmed", status: "True" }];
  expect(waiting(both, { conditions })).toMatch(/selects nothing/);
  expect(waiting(both, { conditions, addresses: [] })).toBeUndefined();
  expect(() => waiting("Programmed", {})).toThrow(/expected "jsonpath=" or "condition="/);
  expect(() => waiting("jsonpath=.status", {})).toThrow(/must be \{\.path\}/);
});

test("a deployment is ready when all its replicas are the new ones, and available", () => {
  const deployment = (status: JsonObject) => ({
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { generation: 2 },
    spec: { replicas: 2 },
    status,
  });
  const lack = (status: JsonObject) => conditionFor(deployment(status))?.(deployment(status), nothing);
  const done = { observedGeneration: 2, replicas: 2, updatedReplicas: 2, availableReplicas: 2 };
  expect(lack({ ...done, observedGeneration: 1 })).toMatch(/has not seen/);
  expect(lack({ ...done, updatedReplicas: 1 })).toBe("1 of 2 updated replicas");
  expect(lack({ ...done, replicas: 3 })).toBe("old replicas are still there");
  expect(lack({ ...done, availableReplicas: null })).toBe("0 of 2 available replicas");
  expect(lack(done)).toBeUndefined();
});

test("a service waits for pending endpoints and for its load balancer, a headless one for nothing", async () => {
  const service = (spec: JsonObject, status: JsonObject = {}) => ({ apiVersion: "v1", kind: "Service", spec, status });
  const lack = (object: JsonObject, endpoints?: JsonObject) =>
    conditionFor(object)?.(object, () => Promise.resolve(endpoints));
  const selecting = service({ selector: { app: "x" } });
  expect(await lack(selecting)).toMatch(/endpoints/);
  expect(await lack(selecting, { subsets: [{ notReadyAddresses: [{ ip: "1" }] }] })).toMatch(/not ready/);
  expect(await lack(selecting, { subsets: [] })).toBeUndefined();
  expect(await lack(service({ selector: { app: "x" }, clusterIP: "None" }))).toBeUndefined();
  expect(await lack(service({ type: "LoadBalancer" }))).toMatch(/load balancer/);
  const addressed = service({ type: "LoadBalancer" }, { loadBalancer: { ingress: [{ ip: "1.2.3.4" }] } });
  expect(await lack(addressed)).toBeUndefined();
});

test("a live object is compared where the program has a say, quantities by their amount", () => {
  const live: Props = {
    kind: "Pod",
    status: { phase: "Running" },
    spec: { nodeName: "n", list: [{ cpu: "500m", more: 1 }, { added: true }], changed: "by somebody" },
  };
  const inputs = { kind: "Pod", spec: { list: [{ cpu: "0.5" }], changed: "by us", missing: 1 } };
  expect(prune(live, inputs)).toEqual({ kind: "Pod", spec: { list: [{ cpu: "0.5" }], changed: "by somebody" } });
});

test("what was secret stays secret, and a Secret's contents always are", () => {
  const plain = { a: { b: "x", c: "y" }, list: [1, 2], d: "z" };
  const inputs = { a: { b: secret("x"), c: "y" }, list: [secret(1), 2], d: "z", gone: secret("g") };
  expect(markSecrets(plain, inputs)).toEqual({ a: { b: secret("x"), c: "y" }, list: secret([1, 2]), d: "z" });
  expect(markSecrets({ kind: "Secret", data: { k: "v" } }, {})).toEqual({ kind: "Secret", data: secret({ k: "v" }) });
});

test("names that SDKs can't write are renamed both ways, inside secrets too", () => {
  const dashed = {
    schema: [{ "x-kubernetes-preserve-unknown-fields": true }],
    hidden: secret({ "x-kubernetes-map-type": "atomic" }),
  };
  const underscored = {
    schema: [{ x_kubernetes_preserve_unknown_fields: true }],
    hidden: secret({ x_kubernetes_map_type: "atomic" }),
  };
  expect(withUnderscores(dashed)).toEqual(underscored);
  expect(withDashes(underscored)).toEqual(dashed);
});

test("what the API server would not keep makes no difference", () => {
  const metadata = { name: "x", labels: {}, uid: "read-only" };
  const service = normalized({ apiVersion: "v1", kind: "Service", metadata, spec: { ports: [], selector: null } });
  expect(significant(service)).toEqual({ apiVersion: "v1", kind: "Service", metadata: { name: "x" } });
  const gatewayInputs = normalized({ apiVersion: "gateway.networking.k8s.io/v1", kind: "Gateway", metadata });
  expect(significant(gatewayInputs)).toMatchObject({ metadata: { name: "x", labels: {} } });
  const texts = { apiVersion: "v1", kind: "Secret", stringData: secret({ a: "b" }), data: { c: "ZA==" } };
  expect(normalized(texts)).toEqual({ apiVersion: "v1", kind: "Secret", data: secret({ a: "Yg==", c: "ZA==" }) });
});
