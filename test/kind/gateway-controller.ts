import { execFile } from "node:child_process";
import { setTimeout } from "node:timers/promises";
import { promisify } from "node:util";
import { z } from "zod";

const Gateway = z.object({ metadata: z.object({ generation: z.number() }) });
const namespace = "istio-eastwest";
const name = "istio-eastwest";
/** HBONE and xDS. */
const ports = [15008, 15012];

/**
 * Plays what the vendor's istiod does with an east-west Gateway, in the cluster of a kind node: it makes the Gateway's Service,
 * of type LoadBalancer, and gives the Gateway the address that the Service gets.
 */
export class GatewayController {
  #stopped = false;

  constructor(private readonly node: string) {
    void this.run();
  }

  stop(): void {
    this.#stopped = true;
  }

  private async run(): Promise<void> {
    while (!this.#stopped) {
      // There is no cluster, no Gateway or no address yet.
      await this.reconcile().catch(() => undefined);
      await setTimeout(1000);
    }
  }

  private async reconcile(): Promise<void> {
    const text = await this.kubectl("get", "gateway", name, "--output", "json");
    const { generation: observedGeneration } = Gateway.parse(JSON.parse(text)).metadata;
    const services = ports.map((port) => `--tcp=${String(port)}:${String(port)}`);
    // Made already, mostly.
    await this.kubectl("create", "service", "loadbalancer", name, ...services).catch(() => undefined);
    const address = await this.kubectl(
      "get",
      "service",
      name,
      "--output",
      "jsonpath={.status.loadBalancer.ingress[0].ip}",
    );
    if (address !== "") {
      const condition = {
        status: "True",
        reason: "Programmed",
        message: "",
        lastTransitionTime: new Date().toISOString(),
      };
      const conditions = ["Accepted", "Programmed"].map((type) => ({ type, ...condition, observedGeneration }));
      const status = { addresses: [{ type: "IPAddress", value: address }], conditions };
      const patch = ["--type", "merge", "--patch", JSON.stringify({ status })];
      await this.kubectl("patch", "gateway", name, "--subresource", "status", ...patch);
    }
  }

  private async kubectl(...args: readonly string[]): Promise<string> {
    const kubectl = ["kubectl", "--kubeconfig", "/etc/kubernetes/admin.conf", "--namespace", namespace];
    const { stdout } = await promisify(execFile)("docker", ["exec", this.node, ...kubectl, ...args]);
    return stdout;
  }
}
