import { chartsOf, isRendered, kindText, readValues, speaksOfMesh, subject, unreadIn } from "../mesh";
import { noParameters, stackRule } from "../rule";
import { list, type Resource, text, texts, type Value } from "../state";

/** What is silent of something would be taken for a mesh in which nothing is wrong. It says so, and stops nobody. */
export const readableSources = stackRule({
  name: "readable-sources",
  description:
    "What installs a mesh can be read: values of charts stand in the resources themselves, and not in files, objects or scripts elsewhere. Always advisory.",
  parameters: noParameters,
  evaluate: ({ resources }) =>
    resources.flatMap((resource) =>
      [...new Set([...unreadIn(resource, resources), ...ofRelease(resource), ...ofScript(resource)])].map((what) => ({
        urn: resource.urn,
        level: "advisory" as const,
        message:
          `${kindText(resource)} ${subject(resource)} ${what}. What stands there is not judged by these policies; ` +
          "that nothing is said of it does not mean that it is right.",
      })),
    ),
});

/** Values of a release that the program declares itself. */
function ofRelease(resource: Resource): string[] {
  const { inputs } = resource;
  const named = ["chart", "name", "namespace"].map((key) => text(inputs, key));
  return isRendered(resource) ||
    chartsOf(resource)[0]?.by !== "helm" ||
    !speaksOfMesh(...named, text(inputs, "repositoryOpts", "repo"))
    ? []
    : list(inputs, "valueYamlFiles").flatMap((file, index) => ofFile(file, `valueYamlFiles[${String(index)}]`));
}

function ofFile(file: Value, where: string): string[] {
  const [path, inline] = [text(file, "path") ?? text(file, "uri"), text(file, "text")];
  if (inline === undefined) {
    return path === undefined ? [] : [`takes values from ${path} (${where})`];
  }
  const read = readValues(inline);
  return "wrong" in read ? [`has values in ${where} that are not YAML (${read.wrong}): correct them`] : [];
}

/** Commands that install a mesh, or a part of one. */
const installs: readonly (readonly [tool: string, pattern: RegExp])[] = [
  ["istioctl", /\bistioctl\b[^\n|;&]*\s(install|upgrade|apply|create-remote-secret|generate|link|expose)\b/],
  ["helm", /\bhelm\b[^\n|;&]*\s(install|upgrade|template)\b[^|;&]*(istio|ztunnel|gloo-?mesh)/i],
  ["kubectl", /\bkubectl\b[^\n|;&]*\s(apply|create|replace)\b[^|;&]*(istio|ztunnel|gloo-?mesh)/i],
  ["meshctl", /\bmeshctl\b[^\n|;&]*\s(install|upgrade)\b/],
];

function ofScript({ type, inputs }: Resource): string[] {
  const scripts = type.startsWith("command:") ? texts(inputs).map((one) => one.text) : [];
  return installs
    .filter(([, pattern]) => scripts.some((script) => pattern.test(script)))
    .map(([tool]) => `runs ${tool}`);
}
