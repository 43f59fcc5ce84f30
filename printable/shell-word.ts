/** What a shell takes as it stands. */
const plain = /^[\w@%+=:,./-]+$/;

/** A word of a command as a shell needs it written. */
export function shellWord(text: string): string {
  return plain.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
