import { describe, expect, it } from "vitest";
import { LoadBalancers } from "../../../../components/clusters";
import { readScript } from "../../../../components/clusters/script";
import { kind, parse } from "../../settings/config";
import { run } from "../mocks";
import { clustersOf } from "../preflight";

describe.each([false, true])("the load balancers of kind clusters, preview %s", (preview) => {
  it("are one container of the stack, of a pinned image", async () => {
    const { one } = await run(
      () => new LoadBalancers("load-balancers", clustersOf(parse({ clusters: [kind("a"), kind("b")] }))),
      { preview },
    );
    expect(one("Command", "load-balancers").inputs).toMatchObject({
      environment: {
        NAME: preview ? undefined : "flatmesh-0123456789abcdef-load-balancers",
        OWNER: preview ? undefined : "0123456789abcdef",
        IMAGE: expect.stringMatching(
          /^registry\.k8s\.io\/cloud-provider-kind\/.+:v[0-9.]+@sha256:[0-9a-f]{64}$/,
        ) as string,
        CREATE: readScript("load-balancers-create.sh"),
        DELETE: readScript("load-balancers-delete.sh"),
      },
      addPreviousOutputInEnv: false,
    });
  });
});
