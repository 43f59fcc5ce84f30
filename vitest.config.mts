import { defineConfig } from "vitest/config";

const real = {
  globalSetup: ["test/support/tools.ts"],
  // index.ts is loaded as Pulumi's language host would load it, by require.
  execArgv: ["--require", "tsx/cjs"],
  testTimeout: 300_000,
  hookTimeout: 900_000,
};

/** Real clusters in containers: they need a container engine. */
const kind = {
  ...real,
  globalSetup: ["test/kind/setup.ts"],
  // Several control planes on one machine: an update of them all takes a while.
  testTimeout: 900_000,
};

const engine = { ...real, globalSetup: [...real.globalSetup, "test/engine/setup.ts"] };

/** Stacks over many updates: as long as all other engine tests together. */
const updates = ["test/engine/{given-roots,peer-stacks,policy-broken,policy-examples,rotation}.test.ts"];

/** Each suite by itself: what tests of one can share a machine, those of two can't. */
const order = (groupOrder: number) => ({ sequence: { groupOrder } });

export default defineConfig({
  test: {
    projects: [
      // One module registry for all files: loading Pulumi's SDK anew for each would take most of the time.
      {
        test: {
          name: "unit",
          include: ["test/unit/**/*.test.ts"],
          isolate: false,
          // A test that is given up goes on in the background and spoils the next ones: a busy machine is no fault.
          testTimeout: 60_000,
          hookTimeout: 60_000,
          ...order(0),
        },
      },
      // The engine mostly waits for the program and its plugins to start: two files at a time.
      {
        test: {
          name: "engine",
          include: ["test/engine/*.test.ts"],
          exclude: updates,
          ...engine,
          ...order(1),
          fileParallelism: true,
          maxWorkers: 2,
        },
      },
      // A failure of every single resource, three stacks in every order, `npm run test:sweep`: too long for every run.
      { test: { name: "sweep", include: ["test/engine/**/*.sweep.ts"], ...engine } },
      // API servers with all their controllers fill a small machine: one file at a time.
      { test: { name: "kwok", include: ["test/kwok/*.test.ts"], ...real, ...order(2) } },
      // `npm test` has ten minutes: stacks over many updates, `npm run test:updates`, come by themselves,
      { test: { name: "updates", include: updates, ...engine, fileParallelism: true, maxWorkers: 2 } },
      // so do the stand-in plugins, `npm run test:plugins`,
      { test: { name: "plugins", include: ["test/{engine,kwok}/plugins/*.test.ts"], ...engine } },
      // stacks in clusters that were there before, `npm run test:existing`,
      {
        test: {
          name: "existing",
          include: ["test/kwok/existing/*.test.ts"],
          ...real,
          fileParallelism: true,
          maxWorkers: 2,
        },
      },
      // the checks, each broken once on a real API server, `npm run test:checks`,
      {
        test: {
          name: "checks",
          include: ["test/kwok/checks/*.test.ts"],
          ...real,
          fileParallelism: true,
          maxWorkers: 2,
        },
      },
      // and the examples but for Pulumi.dev.yaml, `npm run test:examples`.
      {
        test: {
          name: "examples",
          include: ["test/examples/**/*.test.ts"],
          ...real,
          fileParallelism: true,
          maxWorkers: 2,
        },
      },
      // `npm run test:kind`, and what is too much for a small machine beside it, `npm run test:control-planes`.
      { test: { name: "kind", include: ["test/kind/**/*.test.ts"], ...kind } },
      { test: { name: "control-planes", include: ["test/kind/**/*.ha.ts"], ...kind } },
    ],
    fileParallelism: false,
  },
});
