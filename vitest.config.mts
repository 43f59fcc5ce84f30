import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    projects: [
      { test: { name: "unit", include: ["test/unit/**/*.test.ts"] } },
      // The engine and the API servers are processes of their own and share two cores: one file at a time.
      {
        test: {
          name: "engine",
          include: ["test/engine/**/*.test.ts"],
          globalSetup: ["test/engine/setup.ts"],
          // index.ts is loaded as Pulumi's language host would load it, by require.
          execArgv: ["--require", "tsx/cjs"],
          testTimeout: 120_000,
          hookTimeout: 900_000,
        },
      },
      { test: { name: "kwok", include: ["test/kwok/**/*.test.ts"], testTimeout: 300_000, hookTimeout: 900_000 } },
    ],
    fileParallelism: false,
  },
});
