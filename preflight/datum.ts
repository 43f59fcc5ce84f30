/** Something that was looked at before any resource is declared: it is there, it is not, or nobody could tell. */
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
  /** Whether it was not looked at because whoever runs this has switched looking off. */
  readonly offline?: boolean;
}

export function known<Value>(value: Value): Known<Value> {
  return { status: "known", value };
}

export const absent: Absent = { status: "absent" };

export function unavailable(reason: string): Unavailable {
  return { status: "unavailable", reason };
}

/** The variable that switches looking off, with the one value that does. */
export const offlineSwitch = "FLATMESH_OFFLINE=true";

/** What stands for everything that was not looked at for that reason. */
export const notLookedAt: Unavailable = { status: "unavailable", reason: `${offlineSwitch} is set`, offline: true };

export function valueOf<Value>(datum: Datum<Value> | undefined): Value | undefined {
  return datum?.status === "known" ? datum.value : undefined;
}
