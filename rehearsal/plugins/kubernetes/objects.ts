import { randomBytes } from "node:crypto";
import { differ } from "../protocol/difference";
import type { Difference } from "../protocol/difference";
import { NotReady } from "../protocol/provider";
import type { Call, Checked, Created, Existing, Found, ResourceType } from "../protocol/provider";
import { asText, hasUnknown, isObject, revealProps } from "../protocol/values";
import type { Props } from "../protocol/values";
import { ApiError, isNotFound } from "./cluster";
import type { Cluster } from "./cluster";
import { builtIn, conditionFor } from "./conditions";
import type { Condition } from "./conditions";
import { withDashes, withUnderscores } from "./dashes";
import { NoMatch } from "./discovery";
import { importedInputs, normalized, revealKnown, significant, unwrapped, without } from "./inputs";
import { annotation, idOf, isKind, kindOf, nameOf, namespaceOf, parseId, property } from "./object";
import type { KubeObject } from "./object";
import { prune } from "./prune";
import { replaces } from "./replacement";
import { markSecrets } from "./secrecy";
import type { Session } from "./session";
import { waitUntilGone, waitUntilReady } from "./waiting";
import { apply, create, explained, relinquish, update } from "./writing";
import type { Write } from "./writing";

const INPUTS = "__inputs";
const FIELD_MANAGER = "__fieldManager";
const INITIAL_API_VERSION = "__initialApiVersion";
const AUTONAMED = "pulumi.com/autonamed";

/**
 * The life of one Kubernetes object of any kind. The state is the live object, with the inputs beside it, by the same
 * keys as Pulumi's provider has them.
 */
export class ObjectType implements ResourceType {
  /** A Patch resource changes some fields of an object that somebody else made. */
  private readonly isPatch: boolean;

  constructor(
    private readonly session: Session,
    private readonly type: string,
  ) {
    this.isPatch = type.endsWith("Patch");
  }

  async check(given: Props, old: Props, call: Call): Promise<Checked> {
    let inputs = normalized(withDashes(given));
    const metadata = property(inputs, "metadata");
    const fields = isObject(metadata) ? metadata : {};
    if (fields.name === undefined) {
      if (this.isPatch) {
        return { inputs: given, failures: [{ property: "metadata.name", reason: "is required for a Patch resource" }] };
      }
      const oldName = property(old, "metadata", "name");
      const name = oldName ?? `${call.name}-${randomBytes(4).toString("hex")}`;
      const annotations = isObject(fields.annotations) ? fields.annotations : {};
      inputs = { ...inputs, metadata: { ...fields, name, annotations: { ...annotations, [AUTONAMED]: "true" } } };
    }
    const plain = hasUnknown(inputs) ? undefined : revealProps(inputs);
    if (plain !== undefined && isKind(plain, "apiextensions.k8s.io/v1", "CustomResourceDefinition")) {
      this.session.discovery.learn(plain);
    }
    if ((fields.namespace ?? "") === "" && (await this.session.discovery.isNamespaced(this.kind(inputs)))) {
      inputs = {
        ...inputs,
        metadata: { ...(inputs.metadata as Props), namespace: this.session.defaultNamespace },
      };
    }
    return { inputs: markSecrets(inputs, given) };
  }

  async diff(old: Existing, given: Props): Promise<Difference> {
    const inputs = await this.canonical(normalized(unwrapped(given)));
    const oldInputs = this.oldInputs(old);
    const live = await this.canonical(prune(unwrapped(old.state), oldInputs));
    const difference = differ(
      significant(live),
      significant(inputs),
      replaces(inputs, this.isPatch, this.session.settings),
    );
    const place = (props: Props) => [property(props, "metadata", "namespace"), property(props, "metadata", "name")];
    const samePlace = place(inputs).every((part, index) => part === place(live)[index]);
    const autonamed = property(inputs, "metadata", "annotations", AUTONAMED) === "true";
    return { ...difference, deleteBeforeReplace: difference.replaces.length > 0 && samePlace && !autonamed };
  }

  async create(given: Props, call: Call): Promise<Created> {
    const inputs = withDashes(given);
    if (call.preview && (hasUnknown(inputs) || this.session.cluster === undefined || this.isPatch)) {
      return { id: "", state: given };
    }
    const cluster = this.reachable();
    const object = revealProps(inputs);
    const condition = conditionFor(object);
    const fieldManager = this.fieldManager(object);
    const write = this.write(cluster, object, fieldManager, call.preview);
    const upsert = this.session.settings.upsertExistingObjects;
    let written: KubeObject;
    try {
      written = await (this.isPatch || upsert
        ? apply({ ...write, force: write.force || call.preview })
        : create(write));
    } catch (error) {
      if (call.preview && isNotYet(error)) {
        return { id: "", state: given };
      }
      throw explained(error, object, given);
    }
    if (call.preview) {
      return { id: "", state: this.state(without(written, ["status"]), given, fieldManager) };
    }
    return { id: idOf(written), state: await this.settled(cluster, written, condition, given, fieldManager, call) };
  }

  async read(old: Existing, call: Call): Promise<Found> {
    const { cluster, settings, unreachable } = this.session;
    if (cluster === undefined) {
      call.log("warning", `configured Kubernetes cluster is unreachable: ${unreachable}`);
      if (settings.deleteUnreachable) {
        return undefined;
      }
      throw new Error(
        "failed to read resource state due to unreachable cluster. If the cluster was deleted, you can remove this " +
          'resource from Pulumi state by rerunning the operation with PULUMI_K8S_DELETE_UNREACHABLE set to "true".',
      );
    }
    const imported = Object.keys(old.state).length === 0;
    const place = parseId(old.id);
    const kind = this.kind(imported ? {} : this.oldInputs(old));
    let live: KubeObject;
    try {
      live = await cluster.get(await this.session.discovery.path(kind, place.namespace, place.name));
    } catch (error) {
      if (isNotFound(error) || error instanceof NoMatch) {
        return undefined;
      }
      throw error;
    }
    const inputs = imported ? importedInputs(live) : normalized(prune(live, this.oldInputs(old)));
    const marked = withUnderscores(markSecrets(inputs, old.inputs));
    const state = this.state(live, marked, this.fieldManager(live, old.state));
    const condition = imported ? undefined : builtIn(live);
    const skipped = annotation(revealKnown(inputs), "pulumi.com/skipAwait") === "true";
    const lack = skipped ? undefined : await condition?.(live, () => Promise.resolve({}));
    if (lack !== undefined) {
      throw new NotReady(`${old.id} is not ready: ${lack}`, old.id, state, [], marked);
    }
    return { id: old.id, state, inputs: marked };
  }

  async update(old: Existing, given: Props, call: Call): Promise<Props> {
    const inputs = normalized(withDashes(given));
    if (call.preview && (hasUnknown(inputs) || this.session.cluster === undefined)) {
      return given;
    }
    const cluster = this.reachable();
    const object = revealProps(inputs);
    const condition = conditionFor(object);
    const fieldManager = this.fieldManager(object, old.state);
    let written: KubeObject;
    try {
      written = await update(this.write(cluster, object, fieldManager, call.preview), this.isPatch);
    } catch (error) {
      // As with Pulumi's plugin, an object that is gone, or a field of somebody else's, fails a preview too.
      if (call.preview && (error instanceof NoMatch || (error instanceof ApiError && error.reason === "Forbidden"))) {
        return given;
      }
      throw explained(error, object, given);
    }
    return call.preview
      ? this.state(written, given, fieldManager)
      : this.settled(cluster, written, condition, given, fieldManager, call);
  }

  async delete(old: Existing, call: Call): Promise<void> {
    const { settings, unreachable, discovery } = this.session;
    if (this.session.cluster === undefined && settings.deleteUnreachable) {
      call.log(
        "warning",
        `configured Kubernetes cluster is unreachable: ${unreachable}. Deleting from the state only.`,
      );
      return;
    }
    const cluster = this.reachable();
    const live = revealKnown(unwrapped(old.state));
    const inputs = revealKnown(this.oldInputs(old));
    try {
      if (this.isPatch) {
        await relinquish({ cluster, discovery, object: live, fieldManager: this.fieldManager(inputs, old.state) });
        return;
      }
      const path = await discovery.path(kindOf(live), namespaceOf(live), nameOf(live));
      await cluster.ask("DELETE", path, { body: { propagationPolicy: propagation(inputs) } });
      const rest = await waitUntilGone(cluster, path, live, call);
      if (rest !== undefined) {
        const finalizers = JSON.stringify(property(rest, "metadata", "finalizers") ?? []);
        throw new NotReady(
          `${old.id} was told to go but is still there; its finalizers are ${finalizers}`,
          old.id,
          this.state(rest, old.inputs, this.fieldManager(rest, old.state)),
        );
      }
    } catch (error) {
      // Gone already, or its definition is: that is what was asked for.
      if (!isNotFound(error) && !(error instanceof NoMatch)) {
        throw error;
      }
    }
  }

  private async settled(
    cluster: Cluster,
    written: KubeObject,
    condition: Condition | undefined,
    given: Props,
    fieldManager: string,
    call: Call,
  ): Promise<Props> {
    if (condition === undefined) {
      return this.state(written, given, fieldManager);
    }
    const { object, lack } = await waitUntilReady(cluster, this.session.discovery, written, condition, call);
    const state = this.state(object, given, fieldManager);
    if (lack !== undefined) {
      throw new NotReady(
        `${kindOf(object).kind} ${idOf(object)} was written, but did not become ready: ${lack}`,
        idOf(object),
        state,
      );
    }
    return state;
  }

  private write(cluster: Cluster, object: KubeObject, fieldManager: string, dryRun: boolean): Write {
    const force = annotation(object, "pulumi.com/patchForce") === "true" || this.session.settings.enablePatchForce;
    return { cluster, discovery: this.session.discovery, object, fieldManager, dryRun, force };
  }

  private state(live: Props, given: Props, fieldManager: string): Props {
    const { metadata } = live;
    // Who manages which field is as long as the object itself, and read from the cluster where it matters.
    const short = isObject(metadata) ? { ...live, metadata: without(metadata, ["managedFields"]) } : live;
    return {
      ...markSecrets(withUnderscores(short), given),
      [INPUTS]: given,
      [INITIAL_API_VERSION]: asText(live.apiVersion),
      [FIELD_MANAGER]: fieldManager,
    };
  }

  private oldInputs(old: Existing): Props {
    const kept = unwrapped(old.state)[INPUTS];
    return isObject(kept) ? kept : unwrapped(old.inputs);
  }

  private fieldManager(object: KubeObject, state: Props = {}): string {
    const chosen = annotation(object, "pulumi.com/patchFieldManager");
    const kept = state[FIELD_MANAGER];
    return chosen || (typeof kept === "string" ? kept : `pulumi-kubernetes-${randomBytes(4).toString("hex")}`);
  }

  /** Of the inputs, or else of the type: `kubernetes:core/v1:Secret` is a `v1` Secret. */
  private kind(inputs: Props): { apiVersion: string; kind: string } {
    const [, module = "", name = ""] = this.type.split(":");
    const { apiVersion, kind } = inputs;
    return {
      apiVersion: typeof apiVersion === "string" ? apiVersion : module.replace(/^core\//, ""),
      kind: typeof kind === "string" ? kind : name.replace(/Patch$/, ""),
    };
  }

  private reachable(): Cluster {
    if (this.session.cluster === undefined) {
      throw new Error(
        `configured Kubernetes cluster is unreachable: ${this.session.unreachable}. If the cluster was deleted, you can ` +
          `remove its resources from Pulumi state by rerunning the operation with PULUMI_K8S_DELETE_UNREACHABLE set to "true".`,
      );
    }
    return this.session.cluster;
  }

  /** The namespace as it counts: `default` where none is named, none where the kind has none. */
  private async canonical(props: Props): Promise<Props> {
    const { namespace, ...metadata } = isObject(props.metadata) ? props.metadata : {};
    const namespaced = await this.session.discovery.isNamespaced(this.kind(props));
    return {
      ...props,
      metadata: namespaced ? { ...metadata, namespace: namespace ?? "default" } : metadata,
    };
  }
}

function propagation(inputs: KubeObject): string {
  switch (annotation(inputs, "pulumi.com/deletionPropagationPolicy").toLowerCase()) {
    case "orphan":
      return "Orphan";
    case "background":
      return "Background";
    default:
      return "Foreground";
  }
}

/** A preview can't try what needs something else first: its definition, its namespace, or the old one to go. */
function isNotYet(error: unknown): boolean {
  return (
    error instanceof NoMatch ||
    (error instanceof ApiError && ["NotFound", "AlreadyExists", "Forbidden"].includes(error.reason))
  );
}
