import { RunError } from "@pulumi/pulumi";
import { printable } from "../printable";

/**
 * What a person has to mend before the program can go on; its message says what is wrong, where, and what to do. The engine
 * prints the message alone, whoever has written what it quotes.
 */
export class Refusal extends RunError {
  constructor(message: string) {
    super(printable(message));
    // Pulumi's language host inspects what a program throws, and Node can take minutes over the stack of a Pulumi program.
    delete this.stack;
  }
}
