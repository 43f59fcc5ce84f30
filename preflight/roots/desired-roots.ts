import { named, nameOf, type Roots } from "../../components/trust";
import type { RootSettings } from "../../settings";
import type { StackState } from "../../stacks";
import type { PeerOutputs } from "../../stacks/peer-outputs";
import { generatedRoot } from "./recorded-roots";

/**
 * The roots that the settings want, as far as they are known before the update; undefined if they are not known.
 *
 * @param rootStack The outputs of the stack of `root.stack`, if there is one.
 */
export function desiredRoots(
  root: RootSettings,
  rootStack: PeerOutputs | undefined,
  state: StackState,
): Roots | undefined {
  switch (root.source) {
    case "existing":
      return undefined;
    case "stack":
      return rootStack?.roots;
    case "given":
      return { trusted: named([root.certificate, ...root.alsoTrusted]), signing: nameOf(root.certificate) };
    case "generate": {
      // Never from the outputs: a root that has come from elsewhere may have the same name there.
      const generated = root.trusted.map((name) => [name, generatedRoot(name, state)] as const);
      return { trusted: new Map([...generated, ...named(root.alsoTrusted)]), signing: root.signing };
    }
  }
}
