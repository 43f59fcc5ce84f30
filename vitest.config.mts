import { defineConfig } from "vitest/config";

const setupFiles = ["test/support/stack-traces.ts"];

const real = {
  setupFiles,
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
  // An update of several control planes on one machine takes a while.
  testTimeout: 900_000,
};

const engine = { ...real, globalSetup: [...real.globalSetup, "test/engine/setup.ts"] };

/** Stacks over many updates, ended ones among them, and policies over many plans. */
const updates = [
  "test/engine/{clusters-change,community,earlier-version,failure-messages,kubeconfig-output,peer-stacks}.test.ts",
  "test/engine/{policy,policy-broken,rotation}.test.ts",
  "test/kwok/interruption.test.ts",
];

/** Tests that take minutes and repeat elsewhere what others have shown: given roots, and a rotation on API servers. */
const nightly = ["test/engine/{given-roots,policy-examples}.test.ts", "test/kwok/rotation.test.ts"];

/**
 * Two files at a time: they mostly wait for engines, plugins and API servers to start. Each of the two processes keeps its modules:
 * loading Pulumi's SDK again for each file would take seconds, and in unit tests most of the time.
 */
const pairwise = { fileParallelism: true, maxWorkers: 2, isolate: false };

/** One suite at a time: tests of one suite can share a machine, those of two can't. */
const order = (groupOrder: number) => ({ sequence: { groupOrder } });

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: "unit",
          include: ["test/unit/**/*.test.ts"],
          setupFiles,
          // A test that times out goes on in the background and disturbs the next ones: a busy machine must not cause that.
          testTimeout: 60_000,
          hookTimeout: 60_000,
          ...order(0),
          ...pairwise,
        },
      },
      {
        test: {
          name: "engine",
          include: ["test/engine/*.test.ts"],
          exclude: [...updates, ...nightly],
          ...engine,
          ...order(1),
          ...pairwise,
        },
      },
      // A failure of every single resource, three stacks in every order, `npm run test:sweep`: too long for every run.
      { test: { name: "sweep", include: ["test/engine/**/*.sweep.ts"], ...engine } },
      // Not a test: what this version leaves, for the tests of later ones, `npm run record`.
      { test: { name: "record", include: ["test/engine/earlier/record.ts"], ...engine } },
      {
        test: {
          name: "kwok",
          include: ["test/kwok/*.test.ts"],
          exclude: [...updates, ...nightly],
          ...real,
          ...order(2),
          ...pairwise,
        },
      },
      // Upstream's charts with the program's values: a first run has to get the charts, and Helm.
      { test: { name: "render", include: ["test/render/*.test.ts"], hookTimeout: 900_000, ...order(3) } },
      // `npm test` has eight minutes: stacks over many updates, `npm run test:updates`, come by themselves,
      { test: { name: "updates", include: updates, ...engine, ...pairwise } },
      // so do the stand-in plugins, `npm run test:plugins`,
      { test: { name: "plugins", include: ["test/{engine,kwok}/plugins/*.test.ts"], ...engine, ...pairwise } },
      // stacks in clusters that were there before, `npm run test:existing`,
      { test: { name: "existing", include: ["test/kwok/existing/*.test.ts"], ...real, ...pairwise } },
      // the checks, each broken once on a real API server, `npm run test:checks`,
      { test: { name: "checks", include: ["test/kwok/checks/*.test.ts"], ...real, ...pairwise } },
      // and, at night alone, the examples but for Pulumi.dev.yaml, `npm run test:examples`, and `npm run test:nightly`.
      { test: { name: "examples", include: ["test/examples/**/*.test.ts"], ...real, ...pairwise } },
      { test: { name: "nightly", include: nightly, ...engine, ...pairwise } },
      // `npm run test:kind`, and what is too much for a small machine beside it, `npm run test:control-planes`.
      { test: { name: "kind", include: ["test/kind/**/*.test.ts"], ...kind } },
      { test: { name: "control-planes", include: ["test/kind/**/*.ha.ts"], ...kind } },
    ],
    fileParallelism: false,
  },
});
