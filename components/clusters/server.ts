import * as pulumi from "@pulumi/pulumi";
import { apiServer } from "../../kubernetes";

/** The URL of the API server, no secret any more: it is no credential, and peers and plans have to show it. */
export function serverOf(kubeconfig: pulumi.Output<string>, context: pulumi.Output<string>): pulumi.Output<string> {
  return pulumi.unsecret(pulumi.all([kubeconfig, context]).apply(([text, name]) => apiServer(text, name)));
}
