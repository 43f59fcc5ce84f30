import { at, entries, list, type Resource, text, type Value } from "../state";
import { clusterConfigurations } from "./cluster-configurations";
import { type Image, readImage } from "./images";

/** Where the docker provider's resources have the image that they run or pull. */
const docker: readonly (readonly [type: RegExp, path: readonly string[]])[] = [
  [/^docker:index\/container:/, ["image"]],
  [/^docker:index\/remoteImage:/, ["name"]],
  [/^docker:index\/service:/, ["taskSpec", "containerSpec", "image"]],
];

/** The images that run beside clusters or are clusters' nodes: of kind, of the docker provider, and in scripts. */
export function machineImagesOf(resource: Resource): Image[] {
  const { type, inputs } = resource;
  const found: [path: string, value: Value | undefined][] = [
    ...docker.flatMap(([of, path]): [string, Value | undefined][] =>
      of.test(type) ? [[path.join("."), at(inputs, ...path)]] : [],
    ),
    ...clusterConfigurations(resource).flatMap(nodeImages),
    // Providers of kind clusters have the same configuration as inputs.
    ...(/^kind:/.test(type) ? [inputs, at(inputs, "kindConfig")].flatMap((one) => nodeImages(one)) : []),
    ...(type.startsWith("command:") ? inScripts(inputs) : []),
  ];
  const images = found.flatMap(([path, value]) =>
    // The id of a local image is the image itself.
    typeof value === "string" && value !== "" && !/^(sha256:)?[0-9a-f]{64}$/.test(value)
      ? [readImage(value, path)]
      : [],
  );
  return images.filter(
    (one, index) =>
      images.findIndex(({ repository, tag }) => repository === one.repository && tag === one.tag) === index,
  );
}

function nodeImages(configuration: Value | undefined): [string, Value | undefined][] {
  return [
    ...list(configuration, "nodes").map((node, index): [string, Value | undefined] => [
      `nodes[${String(index)}].image`,
      at(node, "image"),
    ]),
    // k3d has one for all nodes.
    ["image", at(configuration, "image")],
    ["nodeImage", at(configuration, "nodeImage")],
  ];
}

/** What a script names as an image: by an option, a variable, or a tag that says so. */
function inScripts(inputs: Value): [string, Value][] {
  const variables = entries(inputs, "environment").filter(([name]) => /(^|_)IMAGE$/.test(name));
  const scripts = ["create", "update", "delete"].flatMap((key): [string, Value][] => {
    const script = text(inputs, key) ?? "";
    const options = script.matchAll(/\skind\s+create\s[^\n]*--image[= ]["']?([\w./:@-]+)/g);
    const tags = script.matchAll(/(?<![\w./@:$}-])((?:[\w.-]+(?::\d+)?\/)*[\w.-]+:(?:[\w.-]+-)?latest)(?![\w./-])/g);
    const known = script.matchAll(
      /(?<![\w./-])((?:[\w.-]+\/)*cloud-provider-kind\/cloud-controller-manager(?:[:@][\w.:@-]+)?)/g,
    );
    return [...options, ...tags, ...known].map(([, image = ""]) => [key, image]);
  });
  return [...variables.map(([name, value]): [string, Value] => [`environment.${name}`, value]), ...scripts];
}
