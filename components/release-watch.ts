import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import { type Access, ApiServer, findFailures, type Finding, ofRelease } from "../kubernetes";

/** Helm's release, by its name and namespace. */
export interface ReleaseName {
  readonly name: string;
  readonly namespace: string;
}

/** How often a release is looked at, in milliseconds. */
export interface Rhythm {
  /** Until the first look: most releases are done by then. */
  readonly first: number;
  /** Between two looks, at least. */
  readonly between: number;
  /** How long something has to be so before the user hears of it, while Helm still waits. */
  readonly tell: number;
}

const usualRhythm: Rhythm = { first: 5000, between: 5000, tell: 60_000 };

/** How long an API server may take to answer, in milliseconds: whatever waits for a look to end must not wait long. */
const patience = 10_000;

/** A look at a thousand pods takes seconds: the time between looks is as many times longer, but for a minute, in milliseconds. */
const [idle, longestPause] = [5, 60_000];

const Records = z.object({
  items: z
    .array(z.object({ metadata: z.object({ labels: z.record(z.string(), z.string()).default({}) }) }))
    .default([]),
});

/**
 * Looks at a release while Helm works on it. Helm waits until everything is ready, and when it has waited too long undoes everything at
 * once: pods, their logs and what they were made by are gone before anybody hears of a failure. So what was last seen before that is
 * remembered.
 */
export class ReleaseWatch {
  /** What was wrong when it was last looked at, while Helm waited. */
  findings: readonly Finding[] = [];
  #stopped = false;
  #work: Promise<void> | undefined;

  /** @param tell Told what has been wrong for some time, each once. */
  constructor(
    private readonly access: () => Promise<Access>,
    private readonly release: ReleaseName,
    private readonly tell: (finding: Finding) => void,
    private readonly rhythm: Rhythm = usualRhythm,
  ) {}

  /** Begins to look, which ends by itself once Helm undoes the release. */
  start(): void {
    this.#work = this.#look();
  }

  /** Ends it, and waits for a look that is going on. */
  async stop(): Promise<void> {
    this.#stopped = true;
    // A look is a handful of requests, which have their own limits.
    await this.#work;
  }

  async #look(): Promise<void> {
    const since = new Map<string, number>();
    const told = new Set<string>();
    let begun = false;
    let pause = this.rhythm.first;
    for (;;) {
      await this.#pause(pause);
      if (this.#stopped) {
        return;
      }
      let start = Date.now();
      try {
        const server = await ApiServer.open(await this.access(), patience);
        start = Date.now();
        const status = await helmStatus(server, this.release);
        if (status.startsWith("pending-") && status !== "pending-rollback") {
          begun = true;
          const findings = await findFailures(server, this.release.namespace, ofRelease(this.release.name));
          // What was seen while Helm had begun to undo it is half gone.
          if ((await helmStatus(server, this.release)) === status) {
            this.findings = findings;
            this.#tellLasting(since, told);
          }
        } else if (begun) {
          return;
        }
      } catch {
        // An API server that does not answer now may do so next time; and that it does not is for Helm to say.
      }
      pause = Math.max(this.rhythm.between, Math.min(longestPause, idle * (Date.now() - start)));
    }
  }

  #tellLasting(since: Map<string, number>, told: Set<string>): void {
    const now = Date.now();
    const keys = new Set(this.findings.map(keyOf));
    [...since.keys()].filter((key) => !keys.has(key)).forEach((key) => since.delete(key));
    for (const finding of this.findings) {
      const key = keyOf(finding);
      const start = since.get(key) ?? now;
      since.set(key, start);
      if (now - start >= this.rhythm.tell && !told.has(key)) {
        told.add(key);
        this.tell(finding);
      }
    }
  }

  /** In steps, so that a watch that is stopped does not hold up what stops it; it does not keep the program running either. */
  async #pause(milliseconds: number): Promise<void> {
    const end = Date.now() + milliseconds;
    for (let left = milliseconds; left > 0 && !this.#stopped; left = end - Date.now()) {
      await sleep(Math.min(left, 200), undefined, { ref: false });
    }
  }
}

function keyOf({ workload, reason }: Finding): string {
  return `${workload} ${reason.replace(/\d+/g, "")}`;
}

/** The status of a release's last revision, which its record has as a label; empty where there is no release. */
async function helmStatus(server: ApiServer, { name, namespace }: ReleaseName): Promise<string> {
  const selector = encodeURIComponent(`owner=helm,name=${name}`);
  const path = `/api/v1/namespaces/${namespace}/secrets?labelSelector=${selector}`;
  const { items } = Records.parse((await server.list(path)) ?? {});
  const revisions = items.map(({ metadata: { labels } }) => labels);
  const last = revisions.sort((left, right) => Number(right["version"] ?? 0) - Number(left["version"] ?? 0))[0];
  return last?.["status"] ?? "";
}
