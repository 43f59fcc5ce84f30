/**
 * Runs a part of the program with mocks in place of the engine and its providers.
 *
 * What mocks see: the type, Pulumi name, provider and inputs of every resource (Helm values among them), which inputs are
 * secret, which are unknown in a preview, the calls of functions, and what the program makes of the answers.
 *
 * What they don't see, and test/engine proves with the real engine: `dependsOn` and any other order, `deletedWith`,
 * `ignoreChanges` and replacement, secrets in the state, which outputs a provider keeps secret
 * (`additionalSecretOutputs`), and what a failure leaves behind.
 */
import * as pulumi from "@pulumi/pulumi";

export type Inputs = Readonly<Record<string, unknown>>;

/** A resource as the program asked for it. */
export interface Recorded {
  readonly type: string;
  readonly name: string;
  /** Secrets in the clear, and undefined for what is unknown. */
  readonly inputs: Inputs;
  /** Keys of the inputs that are a secret, or hold one. */
  readonly secrets: readonly string[];
  /** Pulumi name of its provider; empty for a component, and for a resource on a default provider. */
  readonly provider: string;
}

/** A function that the program called. */
interface Call {
  readonly token: string;
  readonly inputs: Inputs;
}

/** What the world answers with. */
export interface World {
  /** A first preview: ids, and whatever only a provider knows, are unknown. */
  readonly preview?: boolean;
  /** Standard output of commands that make a cluster, by the cluster's name on the machine. */
  readonly kubeconfigs?: Readonly<Record<string, string>>;
  /** What nodes.sh says of a kind cluster, by the cluster's name on the machine. */
  readonly nodes?: Readonly<Record<string, string>>;
  /** What kind-clusters.sh says. */
  readonly kindClusters?: string;
  /** Address that Gateways report; `none` for a Gateway without any. */
  readonly address?: string;
  /** Outputs that stacks had after their last update, by full name. A stack without an entry does not exist. */
  readonly stacks?: Readonly<Record<string, Inputs>>;
  /** Resources that the stack has before this update, as `<type> <name>`, some with what their provider said of them. */
  readonly state?: readonly (string | readonly [string, Inputs])[];
  /** Asked whenever the state is read: why that fails, undefined where it does not. */
  readonly stateFault?: () => string | undefined;
  /** Algorithm that the keys in the state have, whatever the program asks for. */
  readonly keptAlgorithm?: string;
  /** Told of every resource at once: a program that is refused leaves nothing else to ask. */
  readonly onResource?: (resource: Recorded) => void;
}

/** What a run of a program left. */
export interface Run<Value> {
  readonly value: Value;
  readonly resources: readonly Recorded[];
  readonly calls: readonly Call[];
  /** The resources of a type (a Pulumi type token, or the end of one) by name. */
  readonly all: (type: string) => readonly Recorded[];
  /** The only resource of a type, or the only one that also has this Pulumi name. */
  readonly one: (type: string, name?: string) => Recorded;
}

const project = "flatmesh";
const stackName = "dev";

/** Runs `program` until everything that it registered is done. */
export async function run<Value>(program: () => Value | Promise<Value>, world: World = {}): Promise<Run<Value>> {
  const resources: Recorded[] = [];
  const calls: Call[] = [];
  const mocks: pulumi.runtime.Mocks = {
    newResource: (args) => {
      const raw = args.inputs as Inputs;
      const inputs = unwrap(raw) as Inputs;
      const resource: Recorded = {
        type: args.type,
        name: args.name,
        inputs,
        secrets: Object.keys(raw).filter((key) => isSecret(raw[key])),
        provider: providerName(args.provider),
      };
      resources.push(resource);
      world.onResource?.(resource);
      return world.preview === true
        ? { id: undefined, state: raw }
        : { id: `${args.name}-id`, state: { ...raw, ...provided(resource, world) } };
    },
    call: ({ token, inputs }) => {
      calls.push({ token, inputs: inputs as Inputs });
      return answer(token, inputs as Inputs, world);
    },
  };
  await pulumi.runtime.setMocks(mocks, project, stackName, world.preview ?? false, "organization");
  acceptHooks();
  const value = await finished(program);

  // The order in which they were asked for is the engine's business.
  resources.sort((a, b) => (a.name < b.name ? -1 : 1));
  const all = (type: string) => resources.filter((one) => one.type === type || one.type.endsWith(`:${type}`));
  return {
    value,
    resources,
    calls,
    all,
    one: (type, name) => {
      const found = all(type).filter((resource) => name === undefined || resource.name === name);
      const [only] = found;
      if (only === undefined || found.length > 1) {
        const there = resources.map((resource) => `${resource.type} ${resource.name}`).join("\n  ");
        throw new Error(`${String(found.length)} of ${type} ${name ?? ""} instead of one. There are:\n  ${there}`);
      }
      return only;
    },
  };
}

/**
 * What a run of a program stops with: the messages, each once, of the errors that nothing catches, without their last line, which
 * names a section of the documents. Pulumi's language host collects them in the same way, since an output that fails fails every
 * output made of it.
 */
export async function refusals(action: () => Promise<unknown>): Promise<string[]> {
  const messages = new Set<string>();
  // Pulumi puts before the message which property could not be had.
  const collect = (error: unknown) =>
    messages.add(
      (error instanceof Error ? error.message : String(error))
        .replace(/^(error serializing property "\w+": )+/, "")
        .replace(/\nSee docs\/[\w-]+\.md#[\w-]+$/, ""),
    );
  const others = process.listeners("unhandledRejection");
  process.removeAllListeners("unhandledRejection");
  process.on("unhandledRejection", collect);
  try {
    await action().catch(collect);
    // Node tells of them once the microtasks are done.
    await new Promise((resolve) => setImmediate(resolve));
  } finally {
    process.removeListener("unhandledRejection", collect);
    others.forEach((listener) => process.on("unhandledRejection", listener));
  }
  return [...messages];
}

/** Runs a program until everything that it registered is done. */
async function finished<Value>(program: () => Value | Promise<Value>): Promise<Value> {
  // Pulumi takes a stack trace for every promise, and the test runner maps each to its sources: five sixths of the time.
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 0;
  try {
    const value = await program();
    await pulumi.runtime.disconnect();
    return value;
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
}

/** Pulumi's mocks say that they support hooks, and lack the functions that register one (3.248). */
function acceptHooks(): void {
  const accept = (_: unknown, done: (error: null) => void) => {
    done(null);
  };
  Object.assign(pulumi.runtime.getMonitor() ?? {}, { registerResourceHook: accept, registerErrorHook: accept });
}

/** What a provider adds to a resource's inputs. */
function provided({ type, name, inputs, provider }: Recorded, world: World): Inputs {
  switch (type) {
    case "tls:index/privateKey:PrivateKey":
      return {
        privateKeyPem: pulumi.secret(`private key of ${name}\n`),
        ...(world.keptAlgorithm !== undefined && { algorithm: world.keptAlgorithm }),
      };
    case "tls:index/certRequest:CertRequest":
      return { certRequestPem: `request of ${name}\n` };
    case "tls:index/selfSignedCert:SelfSignedCert":
    case "tls:index/locallySignedCert:LocallySignedCert":
      return { certPem: `certificate of ${name}\n` };
    case "random:index/randomId:RandomId":
      return { hex: name === "owner" ? "0123456789abcdef" : "abc123" };
    case "command:local:Command": {
      const machineName = String((inputs["environment"] as Inputs)["NAME"]);
      return {
        stdout: world.kubeconfigs?.[machineName] ?? kubeconfigText(`kind-${machineName}`, `kwok-${machineName}`),
      };
    }
    case "kubernetes:gateway.networking.k8s.io/v1:Gateway": {
      const { address = "172.18.0.100" } = world;
      return { status: address === "none" ? {} : { addresses: [{ type: "IPAddress", value: address }] } };
    }
    case "kubernetes:core/v1:Secret":
      return inputs["type"] === "kubernetes.io/service-account-token"
        ? { data: { token: base64(`token of ${name}`), "ca.crt": base64(`authority of ${provider}`) } }
        : {};
    default:
      return {};
  }
}

/** A failure as the engine tells of it. */
function failure(details: string): Error {
  return Object.assign(new Error(), { details });
}

function answer(token: string, inputs: Inputs, world: World): Inputs {
  switch (token) {
    case "command:local:run": {
      const { NAME: machineName } = inputs["environment"] as { readonly NAME?: string };
      const stdout = machineName === undefined ? world.kindClusters : world.nodes?.[machineName];
      return { ...inputs, stdout: stdout ?? "" };
    }
    case "pulumi:pulumi:readStackOutputs": {
      const stack = String(inputs["name"]);
      const outputs = world.stacks?.[stack];
      if (outputs === undefined) {
        throw failure(`unknown stack "${stack}"`);
      }
      return { name: stack, outputs };
    }
    case "pulumi:pulumi:readStackResourceOutputs": {
      const fault = world.stateFault?.();
      if (fault !== undefined) {
        throw failure(fault);
      }
      const resources = (world.state ?? []).map((entry): [string, object] => {
        const [key, outputs] = typeof entry === "string" ? [entry, {}] : entry;
        const [type = "", name = ""] = key.split(" ");
        return [`urn:pulumi:${stackName}::${project}::${type}::${name}`, { type, outputs }];
      });
      return { name: inputs["stackName"], outputs: Object.fromEntries(resources) };
    }
    default:
      throw new Error(`no mock for the function ${token}`);
  }
}

/** A kubeconfig of one cluster under several contexts. */
export function kubeconfigText(...contexts: readonly string[]): string {
  return JSON.stringify({
    apiVersion: "v1",
    kind: "Config",
    "current-context": contexts[0],
    contexts: contexts.map((name) => ({ name, context: { cluster: "it", user: "it" } })),
    clusters: [{ name: "it", cluster: { server: "https://127.0.0.1:6443", "certificate-authority-data": "QQ==" } }],
    users: [{ name: "it", user: { "client-key-data": "YS1jbGllbnQta2V5" } }],
  });
}

export function base64(text: string): string {
  return Buffer.from(text).toString("base64");
}

/** The value of an output; undefined where it is unknown. */
export function valueOf<Value>(output: pulumi.Output<Value>): Promise<Value | undefined> {
  return new Promise((resolve, reject) => {
    const known = output as unknown as { isKnown: Promise<boolean>; promise(): Promise<Value> };
    Promise.all([known.isKnown, known.promise()]).then(([isKnown, value]) => {
      resolve(isKnown ? value : undefined);
    }, reject);
  });
}

/** The mark of a secret in what a resource is registered with (Pulumi's wire protocol). */
const signature = "4dabf18193072939515e22adb298388d";

function isSecret(value: unknown): boolean {
  return typeof value === "object" && value !== null && signature in value;
}

function unwrap(value: unknown): unknown {
  if (Array.isArray(value)) {
    return value.map(unwrap);
  }
  if (typeof value !== "object" || value === null || pulumi.isUnknown(value)) {
    return pulumi.isUnknown(value) ? undefined : value;
  }
  return isSecret(value)
    ? unwrap((value as Inputs)["value"])
    : Object.fromEntries(Object.entries(value).map(([key, entry]) => [key, unwrap(entry)]));
}

/** A provider is referred to by `<urn>::<id>`, and its URN ends in its name. */
function providerName(reference: string | undefined): string {
  return reference === undefined || reference === "" ? "" : (reference.split("::").at(-2) ?? "");
}
