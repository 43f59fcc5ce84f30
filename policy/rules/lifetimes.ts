import { z } from "zod";
import { certificatesIn, certManagerAuthority, fileOf, isAuthority, isCacerts, subject } from "../mesh";
import { resourceRule } from "../rule";
import { at, type Resource, text, unknown } from "../view";

/** An authority's certificate, with its lifetime. */
interface Lifetime {
  readonly where: string;
  readonly kind: "root" | "intermediate";
  readonly days: number;
  readonly remedy: string;
}

const hoursPerDay = 24;
const days = z.number().positive();

/** Too long, and a stolen key is good for years; too short, and the mesh ends before somebody runs an update. */
export const lifetimes = resourceRule({
  name: "lifetimes",
  description: "The certificates of the mesh's authorities live neither too long nor too short.",
  parameters: z.object({
    minRootDays: days.default(365).describe("Shortest life of a root, in days"),
    maxRootDays: days.default(3653).describe("Longest life of a root, in days"),
    minIntermediateDays: days.default(7).describe("Shortest life of an intermediate, in days"),
    maxIntermediateDays: days.default(1096).describe("Longest life of an intermediate, in days"),
  }),
  judge: (resource, parameters) =>
    [...made(resource), ...certManager(resource), ...given(resource)].flatMap(({ where, kind, days: life, remedy }) => {
      const [least, most] =
        kind === "root"
          ? [parameters.minRootDays, parameters.maxRootDays]
          : [parameters.minIntermediateDays, parameters.maxIntermediateDays];
      return life < least || life > most
        ? [
            `${where} lives ${dayText(life)}; a${kind === "root" ? " root" : "n intermediate"} may live ${String(least)} to ${String(most)} days. ${remedy}`,
          ]
        : [];
    }),
});

function dayText(life: number): string {
  return `${String(Math.round(life * 10) / 10)} days`;
}

function made(resource: Resource): Lifetime[] {
  const hours = at(resource.inputs, "validityPeriodHours");
  return (["root", "intermediate"] as const).flatMap((kind) =>
    isAuthority(resource, kind) && typeof hours === "number"
      ? [{ where: `Certificate ${resource.name}`, kind, days: hours / hoursPerDay, remedy: "Set validityPeriodHours." }]
      : [],
  );
}

/** `17520h`, `90m` */
function certManager(resource: Resource): Lifetime[] {
  const spec = certManagerAuthority(resource);
  const duration = at(spec, "duration");
  if (spec === undefined || duration === unknown) {
    return [];
  }
  // cert-manager's default is 90 days.
  const parts = [...(text(duration) ?? "2160h").matchAll(/([\d.]+)(h|m|s)/g)];
  const seconds = { h: 3600, m: 60, s: 1 };
  const life = parts.reduce((sum, [, count, unit]) => sum + Number(count) * seconds[unit as keyof typeof seconds], 0);
  const where = `Certificate ${subject(resource)}`;
  return [{ where, kind: "intermediate", days: life / 3600 / hoursPerDay, remedy: "Set spec.duration." }];
}

/** What istiod is given, whoever has made it. */
function given(resource: Resource): Lifetime[] {
  return !isCacerts(resource)
    ? []
    : (
        [
          ["ca-cert.pem", "intermediate"],
          ["root-cert.pem", "root"],
        ] as const
      ).flatMap(([file, kind]) =>
        certificatesIn(fileOf(resource, file) ?? "").map(({ validFrom, validTo }) => ({
          where: `${file} in Secret ${subject(resource)}`,
          kind,
          days: (Date.parse(validTo) - Date.parse(validFrom)) / 3_600_000 / hoursPerDay,
          remedy: "Have it signed anew.",
        })),
      );
}
