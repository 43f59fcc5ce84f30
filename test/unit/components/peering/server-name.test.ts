import { expect, it } from "vitest";
import { parse } from "yaml";
import { readForeignKubeconfig } from "../../../../kubernetes";
import { remoteKubeconfig } from "../../../../stacks/peer-outputs";

const remote = { name: "a", server: "https://10.0.0.5:6443", authority: "QUJD", user: { token: "t" } };

it("is in a peer's kubeconfig the name that its certificate has, and the same bytes as ever without one", () => {
  const text = remoteKubeconfig({ ...remote, tlsServerName: "a.internal" });
  expect(readForeignKubeconfig(text, "it")).toMatchObject({ server: remote.server, tlsServerName: "a.internal" });
  const { clusters } = parse(remoteKubeconfig(remote)) as { clusters: [{ cluster: object }] };
  expect(clusters[0].cluster).toEqual({ server: remote.server, "certificate-authority-data": "QUJD" });
});
