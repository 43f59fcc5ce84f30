/** Nothing can be looked at at all: what is wrong, where, and what to do, for the person at the console. */
export class SourceError extends Error {}
