/** Reports to the user what is going on. */
export interface Progress {
  /** One line, such as "building kube-apiserver 1.34.4 from its Go module…". */
  step(message: string): void;
}

const heartbeatSeconds = 15;

/** Runs the work, and reports every 15 seconds that it is still running: `describe` gets the seconds so far. */
export async function withHeartbeat<T>(
  progress: Progress,
  describe: (seconds: number) => string,
  work: () => Promise<T>,
): Promise<T> {
  const elapsed = stopwatch();
  const timer = setInterval(() => {
    progress.step(describe(elapsed()));
  }, heartbeatSeconds * 1000);
  try {
    return await work();
  } finally {
    clearInterval(timer);
  }
}

/** Returns a function that returns the whole seconds since. */
export function stopwatch(): () => number {
  const start = performance.now();
  return () => Math.round((performance.now() - start) / 1000);
}
