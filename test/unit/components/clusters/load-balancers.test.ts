import { describe, expect, it } from "vitest";
import { LoadBalancers } from "../../../../components/clusters";
import { readScript } from "../../../../components/script";
import { run } from "../mocks";

describe.each([false, true])("the load balancers of kind clusters, preview %s", (preview) => {
  it("are one container of the stack, of a pinned image", async () => {
    const { one } = await run(() => new LoadBalancers("load-balancers", { owner: "0123456789abcdef" }), { preview });
    expect(one("Command", "load-balancers").inputs).toMatchObject({
      environment: {
        NAME: "flatmesh-0123456789abcdef-load-balancers",
        OWNER: "0123456789abcdef",
        IMAGE: expect.stringMatching(
          /^registry\.k8s\.io\/cloud-provider-kind\/.+:v[0-9.]+@sha256:[0-9a-f]{64}$/,
        ) as string,
        CREATE: readScript("clusters/load-balancers-create.sh"),
        DELETE: readScript("clusters/load-balancers-delete.sh"),
      },
      addPreviousOutputInEnv: false,
    });
  });
});
