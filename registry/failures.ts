import { PreconditionError } from "../diagnostics";
import { printableLine } from "../printable";
import type { OciReference } from "./reference";
import { registrySection } from "./section";

const setPassword = "`pulumi config set --secret --path flatmesh:chartRegistry.password`";

/** A registry has answered, and does not give a chart to whoever asks. */
export class ChartRefused extends PreconditionError {}

/**
 * What to do about a registry that does not give a chart.
 *
 * @param from Where the credentials that it was shown are from; undefined if there were none.
 * @param files Where a login was looked for.
 */
export function refused(
  { host, repository, tag }: OciReference,
  status: number,
  from: string | undefined,
  files: readonly string[],
): PreconditionError {
  const asked = `${repository}:${tag}`;
  const answer = `(${String(status)} for ${asked})`;
  if (status === 404) {
    return refusal(
      `${host} has no chart ${repository} in version ${tag} (404). Push it there (\`helm push\`), or correct charts or istioVersion`,
    );
  }
  if (status !== 401 && status !== 403) {
    return problem(`${host} does not give ${asked}: it answers ${String(status)}. Try again later`);
  }
  const login = `log in with \`helm registry login ${host}\``;
  if (from === undefined) {
    return refusal(
      `${host} asks for a login ${answer}, and there is none in ${files.join(" or ")}. Set chartRegistry.username and ` +
        `chartRegistry.password (${setPassword}), or ${login}`,
    );
  }
  const what = status === 401 ? "refuses" : "does not let the chart be pulled with";
  return from === "chartRegistry"
    ? refusal(
        `${host} ${what} the user and password of chartRegistry ${answer}. Correct chartRegistry.username and ` +
          `chartRegistry.password (${setPassword}), or let that user pull`,
      )
    : refusal(
        `${host} ${what} the login of ${from} ${answer}. Do it again: ${login}; or set chartRegistry.username and ` +
          "chartRegistry.password",
      );
}

/** What to do where the engineer's own login can't be read. */
export function withoutLogin(host: string, error: unknown): PreconditionError {
  return problem(
    `whether there is a login to ${host} can't be told: ${error instanceof Error ? error.message : String(error)}. Repair or remove ` +
      "that, or set chartRegistry.username and chartRegistry.password",
  );
}

const unknownIssuer: ReadonlySet<string> = new Set([
  "DEPTH_ZERO_SELF_SIGNED_CERT",
  "SELF_SIGNED_CERT_IN_CHAIN",
  "UNABLE_TO_GET_ISSUER_CERT",
  "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
  "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
]);

/** What to do about a registry that can't be asked. */
export function unreachable({ host }: OciReference, error: unknown): PreconditionError {
  const cause = rootOf(error);
  const code = cause instanceof Error && "code" in cause ? String(cause.code) : "";
  // The outermost one names the proxy; of several addresses that all refuse, Node.js has but a code.
  const messages = [error, cause].flatMap((one) =>
    one instanceof Error && one.message !== "fetch failed" ? one.message : [],
  );
  const reason = printableLine(messages.find((message) => message !== "") ?? code, { longest: 300 });
  if (unknownIssuer.has(code)) {
    return problem(
      `the certificate of ${host} is from an authority that is not trusted here (${reason}). Set chartRegistry.ca to that ` +
        "authority's certificate (PEM, or the path of its file), with chartRegistry.username and chartRegistry.password; without " +
        "these, have this machine trust it",
    );
  }
  if (code === "ERR_SSL_WRONG_VERSION_NUMBER" || code === "EPROTO") {
    return problem(
      `${host} does not answer by https (${reason}), and charts are pulled by nothing else. Give it a certificate`,
    );
  }
  return problem(
    `${host} can't be asked for charts: ${reason}. Make it reachable from here (proxies by HTTPS_PROXY and NO_PROXY), or set ` +
      "charts to a registry or a folder that is",
  );
}

function rootOf(error: unknown): unknown {
  return error instanceof Error && error.cause instanceof Error ? rootOf(error.cause) : error;
}

function problem(message: string): PreconditionError {
  return new PreconditionError(`charts: ${message}.`, registrySection);
}

function refusal(message: string): ChartRefused {
  return new ChartRefused(`charts: ${message}.`, registrySection);
}
