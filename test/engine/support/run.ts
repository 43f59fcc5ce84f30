import type { EngineEvent } from "@pulumi/pulumi/automation";

/** One step of the engine. */
export interface Step {
  readonly op: string;
  /** Such as `kubernetes:core/v1:Namespace`. */
  readonly type: string;
  /** The resource's name in the program. */
  readonly name: string;
  readonly urn: string;
}

/** What a policy has against a plan. */
export interface Violation {
  readonly policy: string;
  readonly level: string;
  /** The resource's name in the program; the stack's, where it is no resource's. */
  readonly resource: string;
  readonly message: string;
}

/** What one preview, up or destroy came to. */
export interface Run {
  /** Everything that is done or planned, in the order in which it begins; what stays the same is left out. */
  readonly steps: readonly Step[];
  /** The resources that stay as they are. */
  readonly same: readonly Step[];
  /** What the engine says at the console beside its steps: errors and warnings, uncoloured, without those that pass. */
  readonly messages: readonly { readonly severity: string; readonly text: string }[];
  /** What policies have against it. */
  readonly violations: readonly Violation[];
  /** All that was printed, and all events as JSON but for those of debugging. */
  readonly printed: string;
  /** What it failed of; undefined when it did not. */
  readonly error: string | undefined;
}

/**
 * The steps of resources, without components, the stack and the provider of the engine's own functions (which is there as
 * soon as a program has called one), a line each in alphabetical order, such as `create Namespace a-istio-system`: a
 * cluster's identity is left out.
 */
export function lines(steps: readonly Step[]): string[] {
  return steps
    .filter(({ type }) => !/^(flatmesh:|pulumi:pulumi:|pulumi:providers:pulumi$)/.test(type))
    .map(({ op, type, name }) => `${op} ${typeName(type)} ${withoutIdentity(name)}`)
    .sort();
}

/** The resource's name in the program. */
export function nameOf(urn: string): string {
  return urn.slice(urn.lastIndexOf("::") + 2);
}

/** A type without its package and module: `Namespace`. */
export function typeName(type: string): string {
  return type.slice(type.lastIndexOf(":") + 1);
}

/** The cluster that a resource is of, with its identity: `a-50d4601e`; undefined where it is of none that a stack makes. */
export function scopeOf(urn: string): string | undefined {
  return /::([a-z]+-[0-9a-f]{8})(?:-[^:]*)?$/.exec(urn)?.[1];
}

/** A resource's name without the identity of the cluster that it is in. */
export function withoutIdentity(name: string): string {
  return name.replace(/^([a-z]+)-[0-9a-f]{8}(?=-|$)/, "$1");
}

/** Collects a run's events and output. */
export class Recorder {
  readonly #steps: Step[] = [];
  readonly #messages: { severity: string; text: string }[] = [];
  readonly #violations: Violation[] = [];
  readonly #printed: string[] = [];

  readonly options = {
    color: "never" as const,
    onOutput: (text: string) => {
      this.#printed.push(text);
    },
    onError: (text: string) => {
      this.#printed.push(text);
    },
    onEvent: (event: EngineEvent) => {
      const { resourcePreEvent, diagnosticEvent, policyEvent } = event;
      if (isDebug(event)) {
        return;
      }
      this.#printed.push(JSON.stringify(event));
      if (resourcePreEvent) {
        const { op, type, urn } = resourcePreEvent.metadata;
        this.#steps.push({ op, type, urn, name: nameOf(urn) });
      }
      if (policyEvent) {
        const { policyName: policy, enforcementLevel: level, resourceUrn = "", message } = policyEvent;
        this.#violations.push({ policy, level, resource: nameOf(resourceUrn), message });
      }
      if (diagnosticEvent && !diagnosticEvent.ephemeral) {
        this.#messages.push({
          severity: diagnosticEvent.severity,
          text: diagnosticEvent.message.replace(/<\{%[^%]*%\}>/g, "").trim(),
        });
      }
    },
  };

  /** @param error What the run has thrown, if anything. */
  run(error?: Error): Run {
    const errors = this.#messages.filter(({ severity }) => severity === "error").map(({ text }) => text);
    return {
      steps: this.#steps.filter(({ op }) => op !== "same"),
      same: this.#steps.filter(({ op }) => op === "same"),
      messages: this.#messages,
      violations: this.#violations,
      printed: this.#printed.join("\n"),
      error: error === undefined ? undefined : errors.join("\n") || error.message,
    };
  }
}

/** Does what a stack can do, and says what it came to: a failure is no exception but what it failed of. */
export async function recorded(work: (options: Recorder["options"]) => Promise<unknown>): Promise<Run> {
  const recorder = new Recorder();
  try {
    await work(recorder.options);
    return recorder.run();
  } catch (error) {
    return recorder.run(error instanceof Error ? error : new Error(String(error)));
  }
}

/** Pulumi's own SDK sends every output in the clear there; the console shows them only with `--debug`. */
function isDebug({ diagnosticEvent }: EngineEvent): boolean {
  const severity: string | undefined = diagnosticEvent?.severity;
  return severity === "debug";
}
