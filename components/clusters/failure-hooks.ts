import { AsyncResource } from "node:async_hooks";
import * as pulumi from "@pulumi/pulumi";

/**
 * A hook for what fails, which may say something to the user. The engine calls hooks by a server of the SDK, where a program that is
 * run inline, as rehearsals do, is not known any more: what its hooks say would go to the console of whoever runs it.
 */
export function errorHook(name: string, callback: pulumi.ErrorHookFunction): pulumi.ErrorHook {
  return new pulumi.ErrorHook(name, AsyncResource.bind(callback));
}

/** The same for a hook around an operation. */
export function resourceHook(name: string, callback: pulumi.ResourceHookFunction): pulumi.ResourceHook {
  return new pulumi.ResourceHook(name, AsyncResource.bind(callback));
}
