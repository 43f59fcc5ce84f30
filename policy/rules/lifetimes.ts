import { z } from "zod";
import { authoritiesOf, certificatesIn, certManagerAuthority, fileOf, fillsCacerts, isCacerts, subject } from "../mesh";
import { type RuleViolation, stackRule } from "../rule";
import { at, type Resource, text, unknown } from "../state";

/** An authority's certificate, with its lifetime. */
interface Lifetime {
  readonly resource: Resource;
  readonly where: string;
  /** An authority is one that may be either, or stands between the two. */
  readonly kind: "root" | "intermediate" | "authority";
  readonly days: number;
  readonly remedy: string;
}

const hoursPerDay = 24;
const days = z.number().positive();

/** Too long, and a stolen key is usable for years; too short, and certificates expire before the next update. */
export const lifetimes = stackRule({
  name: "lifetimes",
  description: "The certificates of the mesh's authorities are valid for neither too long nor too short a time.",
  parameters: z.object({
    minRootDays: days.default(365).describe("Shortest life of a root, in days"),
    maxRootDays: days.default(3653).describe("Longest life of a root, in days"),
    minIntermediateDays: days.default(7).describe("Shortest life of an intermediate, in days"),
    maxIntermediateDays: days.default(1096).describe("Longest life of an intermediate, in days"),
  }),
  evaluate: ({ resources }, { minRootDays, maxRootDays, minIntermediateDays, maxIntermediateDays }) => {
    const bounds = {
      root: { name: "a root", least: minRootDays, most: maxRootDays },
      intermediate: { name: "an intermediate", least: minIntermediateDays, most: maxIntermediateDays },
      authority: { name: "an authority", least: minIntermediateDays, most: maxRootDays },
    };
    return [...made(resources), ...resources.flatMap(certManager), ...resources.flatMap(given)].flatMap(
      ({ resource, where, kind, days: life, remedy }): RuleViolation[] => {
        const { name, least, most } = bounds[kind];
        return life < least || life > most
          ? [
              {
                urn: resource.urn,
                message: `${where} is valid for ${dayText(life)}; ${name} may be valid for ${String(least)} to ${String(most)} days. ${remedy}`,
              },
            ]
          : [];
      },
    );
  },
});

function dayText(life: number): string {
  return `${String(Math.round(life * 10) / 10)} days`;
}

function made(resources: readonly Resource[]): Lifetime[] {
  return authoritiesOf(resources).flatMap(({ resource, kind, below }) => {
    const hours = at(resource.inputs, "validityPeriodHours");
    return typeof hours === "number"
      ? [
          {
            resource,
            where: `Certificate ${resource.name}`,
            // What signs intermediates outlives them.
            kind: kind === "intermediate" && below > 0 ? ("authority" as const) : kind,
            days: hours / hoursPerDay,
            remedy: "Set validityPeriodHours.",
          },
        ]
      : [];
  });
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
  // A root of cert-manager's own is a Certificate like any other.
  const kind = fillsCacerts(spec) ? "intermediate" : "authority";
  return [{ resource, where, kind, days: life / 3600 / hoursPerDay, remedy: "Set spec.duration." }];
}

/** What istiod is given, however it was created. */
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
          resource,
          where: `${file} in Secret ${subject(resource)}`,
          kind,
          days: (Date.parse(validTo) - Date.parse(validFrom)) / 3_600_000 / hoursPerDay,
          remedy: "Have it reissued.",
        })),
      );
}
