import { expect, it } from "vitest";
import { exportState } from "../../../rehearsal/workspace";

it("a state that can't be exported is not quoted", async () => {
  const exportStack = () => Promise.reject(new Error("code: -1\n stdout: licence-Zq8xT4wB7n"));
  const told: unknown = await exportState({ name: "dev", exportStack }).catch((error: unknown) => error);
  expect(String(told)).toContain("npm start -- --stack dev --down");
  expect(told).not.toHaveProperty("cause");
  expect(String(told) + JSON.stringify(told)).not.toContain("licence");
});
