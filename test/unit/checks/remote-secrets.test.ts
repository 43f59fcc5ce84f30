import { describe, expect, it } from "vitest";
import { remoteSecretsBy } from "../../../checks/mesh/remote-secrets";
import type { Expected } from "../../../checks";
import { type Access, Forbidden, Unreachable } from "../../../kubernetes";
import { against, clusterOf, type FakeReader, findingsOf, told } from "./fake-reader";
import { meshCluster } from "./fake-objects";

const secretsPath = "/api/v1/namespaces/istio-system/secrets";

function token(claims: object): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
  return `${part({ alg: "RS256" })}.${part({ sub: "system:serviceaccount:istio-system:reader", ...claims })}.signature`;
}

interface RemoteShape {
  readonly server?: string;
  readonly user?: object;
}

function remote(
  name: string,
  { server = `https://${name}-control-plane:6443`, user = { token: token({}) } }: RemoteShape = {},
): string {
  return JSON.stringify({
    "current-context": name,
    contexts: [{ name, context: { cluster: name, user: name } }],
    clusters: [{ name, cluster: { server, "certificate-authority-data": "" } }],
    users: [{ name, user }],
  });
}

function secret(name: string, text: string, { annotated = name, object = `istio-remote-secret-${name}` } = {}): object {
  return {
    metadata: {
      name: object,
      namespace: "istio-system",
      labels: { "istio/multiCluster": "true" },
      annotations: { "networking.istio.io/cluster": annotated },
    },
    data: { [name]: Buffer.from(text).toString("base64") },
  };
}

const clusterz = (...peers: readonly (readonly [id: string, status: string])[]) =>
  peers.map(([id, syncStatus]) => ({ id, secretName: `istio-system/istio-remote-secret-${id}`, syncStatus }));

/** Two clusters that read each other, `one` changed by the test. */
function twoClusters({ hollow = false } = {}) {
  const one = meshCluster("one", { address: "172.18.0.2", hollow });
  const two = meshCluster("two", { address: "172.18.0.3", hollow });
  one.add(secretsPath, secret("two", remote("two")));
  two.add(secretsPath, secret("one", remote("one")));
  one.pods.set("istiod-1:8080/debug/clusterz", clusterz(["one", "synced"], ["two", "synced"]));
  two.pods.set("istiod-1:8080/debug/clusterz", clusterz(["two", "synced"], ["one", "synced"]));
  return { one, two };
}

const links = [
  { from: "one", to: "two" },
  { from: "two", to: "one" },
];

function find(
  looks: Readonly<Record<string, FakeReader>>,
  expected: Expected = { links },
  trial: (access: Access) => Promise<void> = () => Promise.resolve(),
) {
  const clusters = Object.entries(looks).map(([name, look]) => clusterOf(name, look));
  return findingsOf(remoteSecretsBy(trial), { clusters, expected });
}

/** What is against a mesh whose first cluster has this Secret for the second. */
async function withSecret(...secrets: readonly object[]): Promise<string[]> {
  const looks = twoClusters();
  looks.one.lists.set(secretsPath, [...secrets]);
  return against(await find(looks));
}

describe("remote-secrets", () => {
  it("holds where every link has one that is taken and read, by settings and by contexts", async () => {
    const asked: Access[] = [];
    const trial = (access: Access) => {
      asked.push(access);
      return Promise.resolve();
    };
    const findings = await find(twoClusters(), { links }, trial);
    expect(against(findings)).toEqual([]);
    expect(told(findings)).toContain("passed one: istiod (pod istio-system/istiod-1) has read two");
    // Our own way to the API server, with the Secret's credentials.
    expect(asked[0]?.kubeconfig).toContain("https://two.example:6443");
    expect(asked[0]?.kubeconfig).toContain(token({}));
    expect(asked[0]?.kubeconfig).not.toContain("own");
    expect(against(await find(twoClusters(), {}))).toEqual([]);
  });

  it("never quotes a credential", async () => {
    const findings = await find(twoClusters(), { links }, () => Promise.reject(new Forbidden("Unauthorized")));
    expect(JSON.stringify(findings)).not.toContain(token({}));
  });

  it("can't see on kwok whether istiod has read them", async () => {
    const findings = await find(twoClusters({ hollow: true }));
    expect(against(findings)).toEqual([]);
    expect(told(findings)).toContain(
      "notObservable one: whether istiod has read them: no istiod runs in a kwok cluster",
    );
  });

  it("leaves other distributions alone", async () => {
    const solo = meshCluster("one", { distribution: "solo" });
    const findings = await find({ one: solo }, { links: [] });
    expect(findings.map(({ status }) => status)).toEqual(["notApplicable"]);
  });

  it("misses one for a link, those to clusters of other stacks included", async () => {
    expect(await withSecret()).toEqual([
      "failed one: no Secret with the label istio/multiCluster=true has credentials for two: istiod does not know the pods there",
    ]);
    const elsewhere = await find(twoClusters(), { links: [...links, { from: "one", to: "far" }] });
    expect(against(elsewhere)).toEqual([
      expect.stringContaining("credentials for far"),
      "failed one: istiod (pod istio-system/istiod-1) does not know of far",
    ]);
  });

  it("sees two for one cluster, and an annotation that disagrees", async () => {
    expect(await withSecret(secret("two", remote("two")), secret("two", remote("two"), { object: "again" }))).toEqual([
      expect.stringMatching(
        /several Secrets have credentials for two \(istio-system\/istio-remote-secret-two, istio-system\/again\)/,
      ),
    ]);
    expect(await withSecret(secret("two", remote("two"), { annotated: "three" }))).toEqual([
      expect.stringMatching(/is for two by its data, but for three by its annotation/),
    ]);
  });

  it.each([
    ["no YAML", ": [", /is not the YAML of a kubeconfig/],
    ["another thing", "kind: Config", /has no current context/],
    ["no credentials", remote("two", { user: {} }), /has neither a token nor a client certificate/],
    [
      "a file",
      remote("two", { user: { tokenFile: "/var/run/token" } }),
      /has the field tokenFile, which would read a file/,
    ],
    [
      "another context",
      remote("two").replace('"current-context":"two"', '"current-context":"gone"'),
      /has no context gone \(known: two\)/,
    ],
  ])("sees a kubeconfig with %s", async (_, text, message) => {
    expect(await withSecret(secret("two", text))).toEqual([expect.stringMatching(message)]);
  });

  it("sees a server that is the pod itself, or another cluster", async () => {
    const server = (url: string) => withSecret(secret("two", remote("two", { server: url })));
    expect(await server("https://127.0.0.1:40123")).toEqual([
      expect.stringMatching(/for istiod's pod that is the pod itself/),
    ]);
    expect(await server("https://localhost:6443")).toEqual([expect.stringMatching(/the pod itself/)]);
    expect(await server("https://172.18.0.2:6443")).toEqual([
      expect.stringMatching(/has https:\/\/172.18.0.2:6443 for two, which is node one-control-plane of one/),
    ]);
    expect(await server("https://one-control-plane:6443")).toEqual([expect.stringMatching(/the wrong cluster/)]);
    expect(await server("https://one.example:6443")).toEqual([expect.stringMatching(/the API server of one/)]);
    expect(await server("https://172.18.0.3:6443")).toEqual([]);
    expect(await server("https://lb.example.com")).toEqual([]);
  });

  it("sees credentials that have ended, or end soon", async () => {
    const now = Date.now() / 1000;
    const ending = (iat: number, exp: number) =>
      withSecret(secret("two", remote("two", { user: { token: token({ iat: now + iat, exp: now + exp }) } })));
    const days = 86_400;
    expect(await ending(-days, -60)).toEqual([
      expect.stringMatching(/failed one: .* the credentials for two expired on/),
    ]);
    expect(await ending(-90 * days, days)).toEqual([expect.stringMatching(/warning one: .* expire on/)]);
    // One that is renewed every day is not about to end.
    expect(await ending(-days / 2, days / 2)).toEqual([]);
    expect(await ending(-30 * days, 335 * days)).toEqual([]);
  });

  it("sees credentials that the API server refuses, and an authority that does not fit", async () => {
    const refused = await find(twoClusters(), { links }, () => Promise.reject(new Forbidden("Unauthorized")));
    expect(against(refused)).toHaveLength(2);
    expect(against(refused)[0]).toMatch(/failed one: .* the API server of two refuses its credentials: Unauthorized/);
    const other = await find(twoClusters(), { links }, () =>
      Promise.reject(new Unreachable("unable to verify the first certificate")),
    );
    expect(against(other)[0]).toMatch(/failed one: .*can't be reached with the certificate authority in it/);
  });

  it("can't try credentials for a cluster that is out of reach from here", async () => {
    const looks = twoClusters();
    looks.two.items = () => Promise.reject(new Unreachable("connect ECONNREFUSED"));
    const findings = await find(looks);
    expect(told(findings)).toContainEqual(
      expect.stringMatching(/^unknown one: .*could not be tested \(two: .*ECONNREFUSED\)/),
    );
  });

  it("runs no program that has the credentials", async () => {
    expect(await withSecret(secret("two", remote("two", { user: { exec: { command: "aws" } } })))).toEqual([
      expect.stringMatching(/has the field exec, which would run a program/),
    ]);
  });

  it("sees Secrets for no link, and for the cluster itself", async () => {
    const looks = twoClusters();
    looks.one.add(secretsPath, secret("gone", remote("gone")), secret("one", remote("one")));
    expect(against(await find(looks))).toEqual([
      expect.stringMatching(/^failed one: .*credentials for gone, to which one has no link/),
      expect.stringMatching(/^failed one: .*credentials for one, which is this cluster itself/),
    ]);
    const byContexts = await find(looks, {});
    expect(against(byContexts)).toEqual([expect.stringMatching(/this cluster itself/)]);
    expect(told(byContexts)).toContainEqual(
      expect.stringMatching(/^notApplicable one: .*for gone, which is not checked/),
    );
  });

  it.each([
    ["timeout", clusterz(["two", "timeout"]), /has not read two: it reports timeout/],
    ["closed", clusterz(["two", "closed"]), /it reports closed/],
    ["nothing", clusterz(), /does not know of two/],
  ])("sees that istiod says %s of one", async (_, answer, message) => {
    const looks = twoClusters();
    looks.one.pods.set("istiod-1:8080/debug/clusterz", answer);
    expect(against(await find(looks))).toEqual([expect.stringMatching(message)]);
  });

  it("can't tell where istiod does not answer, or has no pod", async () => {
    const looks = twoClusters();
    looks.one.pods.clear();
    expect(against(await find(looks))).toEqual([
      expect.stringMatching(/^unknown one: it is unknown whether istiod .*connection refused/),
    ]);
    looks.one.lists.set("/api/v1/pods", []);
    expect(against(await find(looks))).toEqual([expect.stringMatching(/none of its pods is Ready/)]);
  });
});
