/** The checks of the licence-free distribution, over the rehearsal of Pulumi.community.yaml. */
import { communityGlobalServiceFaults } from "./global-services";
import { remoteSecretFaults } from "./remote-secrets";
import { testChecks } from "./suite";

testChecks("community", /which its API server accepts$/, [...remoteSecretFaults, ...communityGlobalServiceFaults]);
