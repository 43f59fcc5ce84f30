import type { X509Certificate } from "node:crypto";
import { z } from "zod";
import { timeFault } from "../../certificates";
import {
  authoritiesOf,
  certificatesIn,
  certManagerAuthority,
  fileOf,
  filesOf,
  fillsCacerts,
  isCacerts,
  subject,
} from "../mesh";
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
    const overdue = resources.flatMap((resource) => notValidNow(resource));
    const outside = [...made(resources), ...resources.flatMap(certManager), ...resources.flatMap(given)].flatMap(
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
    return [...outside, ...overdue];
  },
});

/** What has ended, or has not begun: nothing that it has signed is accepted. */
function notValidNow(resource: Resource): RuleViolation[] {
  return authoritiesIn(resource).flatMap(({ where, certificate }) => {
    const fault = timeFault(certificate, new Date());
    return fault ? [{ urn: resource.urn, message: `${where} ${fault.problem}. Have it reissued.` }] : [];
  });
}

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
  return authoritiesIn(resource).map(({ where, kind, certificate: { validFrom, validTo } }) => ({
    resource,
    where,
    kind,
    days: (Date.parse(validTo) - Date.parse(validFrom)) / 3_600_000 / hoursPerDay,
    remedy: "Have it reissued.",
  }));
}

interface Given {
  readonly where: string;
  readonly kind: "root" | "intermediate";
  readonly certificate: X509Certificate;
}

/** The certificates in a Secret `cacerts`: what istiod signs with, and the roots. */
function authoritiesIn(resource: Resource): Given[] {
  if (!isCacerts(resource)) {
    return [];
  }
  const { certificate, roots } = filesOf(resource);
  const read = (file: string, kind: Given["kind"]) =>
    certificatesIn(fileOf(resource, file) ?? "").map((one): Given => {
      return { where: `${file} in Secret ${subject(resource)}`, kind, certificate: one };
    });
  return [...read(certificate, "intermediate").slice(0, 1), ...read(roots, "root")];
}
