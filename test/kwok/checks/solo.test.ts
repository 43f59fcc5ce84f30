/** The checks over the rehearsal of Pulumi.dev.yaml. */
import { certificateFaults } from "./certificates";
import { foundationFaults } from "./foundations";
import { globalServiceFaults } from "./global-services";
import { nameAndVersionFaults } from "./names-and-versions";
import { networkNameFaults } from "./network-name";
import { peeringFaults } from "./peering";
import { staleEntryFaults } from "./stale-entries";
import { testChecks } from "./suite";
import { updates } from "./updates";

testChecks(
  "dev",
  /^flat-network in 5 places$/,
  [
    ...foundationFaults,
    ...networkNameFaults,
    ...peeringFaults,
    ...certificateFaults,
    ...nameAndVersionFaults,
    ...globalServiceFaults,
    ...staleEntryFaults,
  ],
  updates,
);
