import * as pulumi from "@pulumi/pulumi";
import { withCommonValues } from "./common";
import type { ChartValues, ValuesArgs } from "./values";

/**
 * Values for the Solo distribution, as its flat networking guide gives them. Where they differ from the guide, the reason
 * stands beside them, and test/unit/mesh/golden.test.ts lists it.
 */
export function soloValues(args: ValuesArgs): ChartValues {
  return withCommonValues(args, {
    istiod: {
      env: { PEERING_ENABLE_FLAT_NETWORKS: "true", DISABLE_LEGACY_MULTICLUSTER: "true" },
      platforms: { peering: { enabled: true } },
      ...(args.license !== undefined && { license: licenseValues(args.license) }),
    },
    ztunnel: {
      configValidation: true,
      enabled: true,
      env: { L7_ENABLED: "true" },
      namespace: "istio-system",
      platforms: { peering: { enabled: true } },
    },
  });
}

function licenseValues(license: NonNullable<ValuesArgs["license"]>): object {
  return "value" in license ? { value: pulumi.secret(license.value) } : { secretRef: license.secretRef };
}
