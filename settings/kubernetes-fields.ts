import { z } from "zod";
import { quantity } from "../kubernetes/quantities";
import { checkedString } from "./formats";

/** A name after an optional prefix, as keys of labels and annotations are. */
const qualifiedName =
  /^(?:(?=[^/]{1,253}\/)[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)*\/)?[A-Za-z0-9](?:[A-Za-z0-9._-]{0,61}[A-Za-z0-9])?$/;

/** Value of a label, which may be empty. */
const labelText = checkedString((value) =>
  /^([A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?)?$/.test(value)
    ? undefined
    : {
        problem: "is not a valid value of a label",
        remedy: "use letters, digits, '-', '_' and '.', with a letter or digit at both ends, 63 characters at most",
      },
);

/** The Gateway API's limit (maxLength of an annotation's value). */
const longestAnnotation = 4096;

const annotationText = z.string().check((context) => {
  const { length } = context.value;
  if (length > longestAnnotation) {
    context.issues.push({
      code: "custom",
      input: context.value,
      message: `write ${String(longestAnnotation)} characters at most`,
      params: { problem: `has ${String(length)} characters` },
    });
  }
});

/** A map whose keys are those of labels or annotations. */
function qualified<Value extends z.ZodType>(value: Value): z.ZodRecord<z.ZodString, Value> {
  return z.record(z.string(), value).check((context) => {
    for (const key of Object.keys(context.value).filter((key) => !qualifiedName.test(key))) {
      context.issues.push({
        code: "custom",
        input: key,
        path: [key],
        message:
          "write it as NAME or PREFIX/NAME: the prefix is a DNS name in lower-case letters, the name has 63 characters at most",
        params: { problem: "is no key that Kubernetes takes" },
      });
    }
  });
}

export const labelMap = qualified(labelText);
export const annotationMap = qualified(annotationText);

const texts = z.record(z.string(), z.string());
const selectorOperators = z.enum(["In", "NotIn", "Exists", "DoesNotExist"]);
const weight = z.int().min(1).max(100);

const nodeSelectorRequirement = z.strictObject({
  key: z.string(),
  operator: z.enum([...selectorOperators.options, "Gt", "Lt"]),
  values: z.array(z.string()).optional(),
});
const nodeSelectorTerm = z.strictObject({
  matchExpressions: z.array(nodeSelectorRequirement).optional(),
  matchFields: z.array(nodeSelectorRequirement).optional(),
});
const labelSelector = z.strictObject({
  matchLabels: texts.optional(),
  matchExpressions: z
    .array(z.strictObject({ key: z.string(), operator: selectorOperators, values: z.array(z.string()).optional() }))
    .optional(),
});
const podAffinityTerm = z.strictObject({
  labelSelector: labelSelector.optional(),
  namespaceSelector: labelSelector.optional(),
  namespaces: z.array(z.string()).optional(),
  topologyKey: z.string().min(1),
  matchLabelKeys: z.array(z.string()).optional(),
  mismatchLabelKeys: z.array(z.string()).optional(),
});
const podAffinity = z.strictObject({
  requiredDuringSchedulingIgnoredDuringExecution: z.array(podAffinityTerm).optional(),
  preferredDuringSchedulingIgnoredDuringExecution: z.array(z.strictObject({ weight, podAffinityTerm })).optional(),
});

const exactAffinity = z.strictObject({
  nodeAffinity: z
    .strictObject({
      requiredDuringSchedulingIgnoredDuringExecution: z
        .strictObject({ nodeSelectorTerms: z.array(nodeSelectorTerm).min(1) })
        .optional(),
      preferredDuringSchedulingIgnoredDuringExecution: z
        .array(z.strictObject({ weight, preference: nodeSelectorTerm }))
        .optional(),
    })
    .optional(),
  podAffinity: podAffinity.optional(),
  podAntiAffinity: podAffinity.optional(),
});

const exactTolerations = z.array(
  z
    .strictObject({
      key: z.string().optional(),
      operator: z.enum(["Exists", "Equal", "Lt", "Gt"]).optional(),
      value: z.string().optional(),
      effect: z.enum(["NoSchedule", "PreferNoSchedule", "NoExecute"]).optional(),
      tolerationSeconds: z.int().optional(),
    })
    .refine(({ key = "", operator }) => key !== "" || operator === "Exists", {
      path: ["operator"],
      message: "write Exists, or a key",
      params: { problem: "is not Exists, and there is no key" },
    })
    .refine(({ operator, value = "" }) => operator !== "Exists" || value === "", {
      path: ["value"],
      message: "remove it, or write operator: Equal",
      params: { problem: "is given, and operator is Exists" },
    })
    .refine(({ tolerationSeconds, effect }) => tolerationSeconds === undefined || effect === "NoExecute", {
      path: ["tolerationSeconds"],
      message: "remove it, or write effect: NoExecute",
      params: { problem: "is for effect NoExecute" },
    }),
);

const amount = z.union([z.number().nonnegative(), z.string()]).refine((value) => (quantity(String(value)) ?? -1) >= 0, {
  message: "write it as 500m, 2, 128Mi or 1Gi",
  params: { problem: "is no quantity of Kubernetes" },
});
const amounts = z.record(z.string(), amount);

const exactResources = z
  .strictObject({ requests: amounts.optional(), limits: amounts.optional() })
  .superRefine(({ requests = {}, limits = {} }, context) => {
    for (const [name, request] of Object.entries(requests)) {
      const limit = limits[name];
      if (limit !== undefined && (quantity(String(request)) ?? 0) > (quantity(String(limit)) ?? 0)) {
        context.addIssue({
          code: "custom",
          path: ["requests", name],
          message: "write no more than the limit, or raise that",
          params: { problem: `is more than limits.${name}` },
        });
      }
    }
  });

/**
 * A part of an object of Kubernetes, whose own words are used for it. The settings' documents have no section for each field inside.
 *
 * @param exact What Kubernetes takes: unknown fields would be refused, or dropped, where nobody sees it.
 * @param field For `kubectl explain`.
 */
function kubernetesField<Loose extends z.ZodType>(loose: Loose, exact: z.ZodType, field: string): Loose {
  return loose.check((context) => {
    for (const issue of exact.safeParse(context.value, { reportInput: true }).error?.issues ?? []) {
      const explained = [field, ...issue.path.filter((part) => typeof part === "string")].join(".");
      const see = `see what it takes: kubectl explain ${explained}`;
      const missing = issue.code === "invalid_type" && issue.input === undefined;
      const own = issue.code === "custom" ? (issue.params?.["problem"] as string | undefined) : undefined;
      const keys = issue.code === "unrecognized_keys" ? issue.keys : [undefined];
      for (const key of keys) {
        context.issues.push({
          code: "custom",
          input: undefined,
          path: [...issue.path, ...(key === undefined ? [] : [key])],
          message: own === undefined ? see : issue.message,
          params: { problem: own ?? fieldProblem(key !== undefined, missing) },
        });
      }
    }
  });
}

function fieldProblem(unknown: boolean, missing: boolean): string {
  if (missing) {
    return "is missing";
  }
  return unknown ? "is no field that Kubernetes has there" : "is not as Kubernetes takes it";
}

const anyMap = z.record(z.string(), z.unknown());
const podField = "deployment.spec.template.spec";

/** Where pods may run, and what they get, as a pod's spec has it. */
export const podPlacement = {
  resources: kubernetesField(anyMap, exactResources, `${podField}.containers.resources`),
  nodeSelector: labelMap,
  tolerations: kubernetesField(z.array(anyMap), exactTolerations, `${podField}.tolerations`),
  affinity: kubernetesField(anyMap, exactAffinity, `${podField}.affinity`),
};
