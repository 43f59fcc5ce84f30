/** Whose a real kind cluster is: stacks of one project that are called alike, in two backends, on one machine. */
import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { kindConfiguration, ownershipMark } from "../../components/clusters/kind";
import { lines } from "../engine/support/run";
import { docker, type Machine, machine, nodesOf, routesOn } from "./machine";
import { kind, settings } from "./settings";
import { MachineStack } from "./stack";

describe("two stacks of one name, each in a backend of its own", () => {
  const cluster = "twin";
  const wanted = () => settings([kind(cluster)]);
  const node = () => docker("inspect", "--format", "{{.Id}} {{.State.StartedAt}}", ...nodesOf(cluster));

  let before: Machine;
  let first: MachineStack;
  let second: MachineStack;
  let made: readonly string[];
  beforeAll(async () => {
    before = machine();
    first = await MachineStack.open("twin", wanted());
    second = await MachineStack.open("twin", wanted());
    expect(await first.up()).toMatchObject({ error: undefined });
    made = node();
    expect(made).toHaveLength(1);
  });
  afterAll(async () => {
    await first.destroy();
    await second.destroy();
    first.close();
    second.close();
  });

  test("the second one is refused the cluster of the first, and touches nothing of it", async () => {
    const routes = routesOn(`${cluster}-control-plane`);
    const { error } = await second.up();
    expect(error).toContain(`kind cluster ${cluster}: a cluster of this name exists that this stack has not made`);
    expect([node(), routesOn(`${cluster}-control-plane`)]).toEqual([made, routes]);
  });

  test("the second one's destroy leaves the first one's cluster running", async () => {
    expect(await second.destroy()).toMatchObject({ error: undefined });
    expect(node()).toEqual(made);
    expect(lines((await first.preview()).steps)).toEqual([]);
  });

  test("the first one keeps it under another name", async () => {
    await first.rename("twin-renamed");
    expect(lines((await first.preview()).steps)).toEqual([]);
    expect(await first.up()).toMatchObject({ error: undefined });
    expect(node()).toEqual(made);
  });

  test("a backend that the state has moved to has it, and takes it away in the end", async () => {
    // As the stack is called that the state is of.
    await second.rename("twin-renamed");
    await second.takeStateOf(first);
    expect(lines((await second.preview()).steps)).toEqual([]);
    expect(node()).toEqual(made);
    expect(await second.destroy()).toMatchObject({ error: undefined });
    expect(nodesOf(cluster)).toEqual([]);
    // What the other backend still has a state of is gone, which is no fault.
    expect(await first.destroy()).toMatchObject({ error: undefined });
    expect(machine()).toEqual(before);
    expect([first.leftovers(), second.leftovers()]).toEqual([[], []]);
  });
});

/** As version 0.1 has made it: the mark is the names of project and stack. */
describe("a cluster of version 0.1", () => {
  const [cluster, identity, project] = ["former", "11111111", "flatmesh/community"];
  const [mine, theirs] = ["1111aaaa1111aaaa", "2222bbbb2222bbbb"];
  const script = (file: string) =>
    readFileSync(join(__dirname, "..", "..", "components", "clusters", "scripts", file), "utf8");
  const shared = {
    NAME: cluster,
    IDENTITY: identity,
    OWNERSHIP: script("ownership.sh"),
    PRIVATE_WORKDIR: script("workdir.sh"),
  };
  const configuration = (owner: string) => {
    const subnets = { podSubnet: "10.10.0.0/16", serviceSubnet: "10.255.10.0/24" };
    const nodes = { controlPlanes: 1, workers: 1, nodeImage: inject("kindImages").node };
    const mark = ownershipMark(owner, identity);
    return JSON.stringify(kindConfiguration({ ...subnets, ...nodes }, mark));
  };
  const node = () => docker("inspect", "--format", "{{.Id}} {{.State.StartedAt}}", ...nodesOf(cluster));
  let former: Readonly<Record<string, string>>;
  let made: readonly string[];
  beforeAll(async () => {
    const { status, stdout } = await run("kind-create.sh", { ...shared, OWNER: project }, configuration(project));
    expect(status).toBe(0);
    const [, authority = ""] = /certificate-authority-data: (\S+)/.exec(stdout) ?? [];
    former = { ...shared, FORMER_MARKS: `${project}/${identity}`, FORMER_AUTHORITY: authority };
    made = node();
    expect(made).toHaveLength(2);
  });
  afterAll(() => {
    nodesOf(cluster).forEach((name) => docker("rm", "--force", "--volumes", name));
  });

  test("is refused to a stack whose state does not have it, or has another one of that mark", async () => {
    const other = { ...former, OWNER: theirs, FORMER_AUTHORITY: Buffer.from("another").toString("base64") };
    for (const environment of [{ ...shared, OWNER: theirs }, other]) {
      const { status, stdout, stderr } = await run("kind-create.sh", environment, configuration(theirs));
      expect([status, stdout, stderr]).toEqual([1, "", expect.stringMatching(/this stack has not made|can't be told/)]);
    }
    expect(node()).toEqual(made);
  });

  test("is taken over by the stack whose state has it, as it is, and by that one alone", async () => {
    expect((await run("kind-create.sh", { ...former, OWNER: mine }, configuration(mine))).status).toBe(0);
    expect(node()).toEqual(made);
    const second = await run("kind-create.sh", { ...former, OWNER: theirs }, configuration(theirs));
    expect([second.status, second.stderr]).toEqual([1, expect.stringContaining("this stack has not made")]);
    for (const file of ["kind-delete.sh", "container-network-delete.sh"]) {
      expect((await run(file, { ...former, OWNER: theirs })).status).toBe(0);
    }
    expect(node()).toEqual(made);
  });

  test("is its own then, where its nodes do not run as well, and goes with it", async () => {
    docker("stop", "--time", "1", ...nodesOf(cluster));
    const clusters = await run("kind-clusters.sh", { ...shared, OWNER: mine });
    expect(clusters.stdout.split("\n")).toContain(`${cluster} ${identity}`);
    expect((await run("kind-delete.sh", { ...shared, OWNER: mine })).status).toBe(0);
    expect(nodesOf(cluster)).toEqual([]);
  });

  async function run(file: string, environment: Readonly<Record<string, string>>, input = "") {
    const shell = spawn("sh", ["-c", 'eval "$SCRIPT"'], {
      env: { ...process.env, ...environment, SCRIPT: script(file) },
    });
    const text = { stdout: "", stderr: "" };
    shell.stdout.on("data", (chunk: Buffer) => (text.stdout += chunk.toString()));
    shell.stderr.on("data", (chunk: Buffer) => (text.stderr += chunk.toString()));
    shell.stdin.on("error", () => undefined);
    shell.stdin.end(input);
    const status = await new Promise<number | null>((resolve) => shell.on("close", resolve));
    return { status, ...text };
  }
});
