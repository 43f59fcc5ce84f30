import pulumi from "@pulumi/eslint-plugin";
import tseslint from "typescript-eslint";

/** The library's own readers of kubeconfigs take another YAML than kubernetes/kubeconfig, and would run what that refuses. */
const foreignReaders = {
  selector: "MemberExpression[property.name=/^loadFrom(String|File|Default|Cluster)$/]",
  message: "Have an Access of kubernetes/kubeconfig, and its config().",
};
const plainMessages = {
  selector: "MemberExpression[object.name='pulumi'][property.name='log']",
  message: "Messages quote what others have written: use warn or inform of diagnostics/, which make it printable.",
};

export default tseslint.config(
  { ignores: ["node_modules/", ".flatmesh/", "*.config.m?s"] },
  ...tseslint.configs.strictTypeChecked,
  {
    languageOptions: { parserOptions: { projectService: true } },
    plugins: { "@pulumi": pulumi },
    rules: {
      "@pulumi/no-output-in-template-literal": "error",
      "@pulumi/no-output-instance-in-template-literal": "error",
      "no-restricted-syntax": ["error", foreignReaders],
      // `const { access, ...recorded } = args` says what is left out.
      "@typescript-eslint/no-unused-vars": ["error", { ignoreRestSiblings: true }],
    },
  },
  {
    files: ["components/**", "preflight/**", "stacks/**", "kubernetes/**", "istio/**", "settings/**"],
    rules: { "no-restricted-syntax": ["error", foreignReaders, plainMessages] },
  },
  {
    // Stands for Pulumi's own provider, which reads what the program hands it: texts of that very folder.
    files: ["rehearsal/plugins/kubernetes/kubeconfig.ts"],
    rules: { "no-restricted-syntax": "off" },
  },
);
