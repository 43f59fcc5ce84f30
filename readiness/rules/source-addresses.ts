import { shellWord } from "../../printable";
import type { Rule } from "../concern";
import { judgeMasquerading, type Kubectl } from "../masquerade";

const kubectl: Kubectl = (...words) => ["kubectl", ...words].map(shellWord).join(" ");

/** Pods are seen by their own addresses in the other clusters. Calls arrive without that, with the caller's identity. */
export const sourceAddresses: Rule = ({ masquerading }, { podSubnet, others }) =>
  masquerading.status === "unread"
    ? []
    : judgeMasquerading(masquerading.value, { pods: podSubnet, others }, kubectl).hides.map((one) => ({
        topic: "source-addresses",
        severity: "warn",
        ...one,
      }));
