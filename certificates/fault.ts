/** What is wrong with a certificate, a key, or a text that should have one. Nothing in it quotes the text. */
export interface Fault {
  /** By what it can be told apart. */
  readonly kind:
    | "format"
    | "private key"
    | "authority"
    | "usage"
    | "path length"
    | "key"
    | "signature"
    | "extension"
    | "not yet valid"
    | "expired";
  /** Ends a sentence about it: "is not the certificate of a CA (CA:TRUE)". */
  readonly problem: string;
  /** What it has to be instead, after a verb such as "give": "a certificate with the basic constraint CA:TRUE". */
  readonly wanted: string;
}
