import type { Difference } from "./difference";
import type { Json, Props } from "./values";

/** How loud a message to the engine is. */
export type Severity = "debug" | "info" | "warning" | "error";

/** Everything about one call of the engine that is not the resource's own data. */
export interface Call {
  readonly urn: string;
  /** Such as `random:index/randomId:RandomId`. */
  readonly type: string;
  /** The resource's name in the program. */
  readonly name: string;
  /** A preview changes nothing, and may see unknown values. */
  readonly preview: boolean;
  /** From `customTimeouts`; undefined means the plugin's own default. */
  readonly timeoutSeconds: number | undefined;
  /** Aborts when the user interrupts the engine. */
  readonly signal: AbortSignal;
  /** Says something on the user's console; a `passing` message only in the resource's own line. */
  log(severity: Severity, message: string, passing?: boolean): void;
}

/** An input that can't be right, found before anything is created. */
export interface Failure {
  /** Path of the input; empty when it is about several. */
  readonly property: string;
  readonly reason: string;
}

export interface Checked {
  readonly inputs: Props;
  readonly failures?: readonly Failure[];
}

export interface Created {
  readonly id: string;
  readonly state: Props;
}

/** What a refresh or an import finds; undefined when the thing is gone. */
export type Found = { readonly id: string; readonly state: Props; readonly inputs: Props } | undefined;

/** A resource as it was when it was last created, updated or refreshed. */
export interface Existing {
  readonly id: string;
  readonly state: Props;
  readonly inputs: Props;
}

/** The life of one type of resource. What is left out behaves as a resource that has no such step. */
export interface ResourceType {
  check?(inputs: Props, old: Props, call: Call): Checked | Promise<Checked>;
  diff(old: Existing, inputs: Props, call: Call): Difference | Promise<Difference>;
  /** In a preview: the state as far as it can be known; the id is not used. */
  create(inputs: Props, call: Call): Created | Promise<Created>;
  read?(old: Existing, call: Call): Found | Promise<Found>;
  update?(old: Existing, inputs: Props, call: Call): Props | Promise<Props>;
  delete?(old: Existing, call: Call): void | Promise<void>;
}

/** One plugin: what `serve` offers to the engine. */
export interface Provider {
  /** The package's name, such as `random`. */
  readonly name: string;
  /** Tells whether a changed configuration means another target, so that all resources must be replaced. */
  diffConfig?(old: Props, inputs: Props): Promise<Difference>;
  /** Called once per process, before any resource. Values that are no strings are JSON. */
  configure?(settings: ReadonlyMap<string, string>): void | Promise<void>;
  /** The type's life, or undefined when the stand-in does not play it. */
  resource(type: string): ResourceType | undefined;
  /** A function's result, or undefined when the stand-in does not play it. */
  invoke?(token: string, args: Record<string, Json>, call: Call): Promise<Props> | undefined;
}

/**
 * The thing exists, but is not as it should be: thrown by create, update, read and delete. The engine then keeps
 * the state, reports the reasons, and tries to update it next time instead of creating a second one.
 */
export class NotReady extends Error {
  constructor(
    message: string,
    readonly id: string,
    readonly state: Props,
    readonly reasons: readonly string[] = [],
    readonly inputs?: Props,
  ) {
    super(message);
  }
}
