/** Something that preflight reads: it has a value, does not exist, or could not be read. */
export type Datum<Value> = Known<Value> | Absent | Unavailable;

interface Known<Value> {
  readonly status: "known";
  readonly value: Value;
}

interface Absent {
  readonly status: "absent";
}

interface Unavailable {
  readonly status: "unavailable";
  /** Why, as the end of a sentence: no full stop. */
  readonly reason: string;
  /** Whether it was not read because {@link offlineSwitch} is set. */
  readonly offline?: boolean;
}

export function known<Value>(value: Value): Known<Value> {
  return { status: "known", value };
}

export const absent: Absent = { status: "absent" };

export function unavailable(reason: string): Unavailable {
  return { status: "unavailable", reason };
}

/** The variable that keeps preflight from reading anything but Pulumi's backend, with its value. */
export const offlineSwitch = "FLATMESH_OFFLINE=true";

/** Stands for everything that was not read for that reason. */
export const notLookedAt: Unavailable = { status: "unavailable", reason: `${offlineSwitch} is set`, offline: true };

export function valueOf<Value>(datum: Datum<Value> | undefined): Value | undefined {
  return datum?.status === "known" ? datum.value : undefined;
}
