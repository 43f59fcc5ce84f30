import { type PolicyProviderResource, type PolicyResource, type ResourceValidationArgs, Secret } from "@pulumi/policy";
import type { Provider, Resource } from "./resource";
import { decode, isMap, type Properties } from "./value";

/** What is seen of a resource by itself, before anything is done with it. */
type Seen = Pick<Resource, "inputs" | "secrets">;

/**
 * What the engine shows a policy pack, resource by resource and at last the whole stack.
 *
 * The inputs of a resource are shown with the resource, and which of them are secret only to a remediation, which comes first;
 * a view of the whole stack has outputs. So what was seen of a resource is kept until the end.
 */
export class EngineView {
  readonly #seen = new Map<string, Seen>();

  /** Sees which inputs of a resource are secret. */
  seeSecrets({ urn, props }: Pick<ResourceValidationArgs, "urn" | "props">): void {
    const { value, secrets } = decode(props, (wrapped) =>
      wrapped instanceof Secret ? { value: wrapped.value as unknown, secret: true } : undefined,
    );
    this.#seen.set(urn, { inputs: properties(value), secrets });
  }

  /** One resource before it is made or changed. */
  resource({ urn, type, name, props, opts, provider }: ResourceValidationArgs): Resource {
    const { secrets } = this.#seen.get(urn) ?? {};
    const seen = { inputs: properties(decode(props).value), ...(secrets && { secrets }) };
    this.#seen.set(urn, seen);
    return {
      urn,
      type,
      name,
      ...seen,
      ...(provider && { provider: providerOf(provider) }),
      aliases: opts.aliases,
      dependencies: [],
      inputDependencies: {},
    };
  }

  /** All resources of a stack, after everything is planned or done. */
  stack(resources: readonly PolicyResource[]): Resource[] {
    return resources.map(({ urn, type, name, props, opts, provider, dependencies, propertyDependencies }) => {
      const outputs = properties(decode(props).value);
      return {
        urn,
        type,
        name,
        inputs: outputs,
        ...this.#seen.get(urn),
        outputs,
        ...(provider && { provider: providerOf(provider) }),
        aliases: opts.aliases,
        dependencies: dependencies.map((one) => one.urn),
        inputDependencies: Object.fromEntries(
          Object.entries(propertyDependencies).map(([key, on]) => [key, on.map((one) => one.urn)]),
        ),
      };
    });
  }
}

function providerOf({ urn, name, props }: PolicyProviderResource): Provider {
  return { urn, name, inputs: properties(decode(props).value) };
}

function properties(value: ReturnType<typeof decode>["value"]): Properties {
  return isMap(value) ? value : {};
}
