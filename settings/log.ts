import * as pulumi from "@pulumi/pulumi";
import { printable } from "../printable";

/** Has Pulumi's CLI show a warning, whoever has written what it quotes. */
export function warn(message: string, ...about: [resource?: pulumi.Resource]): void {
  void pulumi.log.warn(printable(message), ...about);
}

/** Has Pulumi's CLI show what is worth knowing, whoever has written what it quotes. */
export function inform(message: string, ...about: [resource?: pulumi.Resource]): void {
  void pulumi.log.info(printable(message), ...about);
}
