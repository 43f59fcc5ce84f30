/**
 * The notes of a release: its section of the changelog (keepachangelog.com).
 *
 * @param tag The release's tag, such as `v0.2.0`.
 * @param version The version in package.json.
 * @param changelog Text of CHANGELOG.md.
 * @throws Error when the tag is not that version's, or the changelog has no entry for it.
 */
export function releaseNotes(tag: string, version: string, changelog: string): string {
  if (tag !== `v${version}`) {
    throw new Error(`package.json has version ${version}, whose tag is v${version}, not ${tag}.`);
  }
  const [, ...sections] = changelog.split(/^## /m);
  const own = sections.filter((section) => section.startsWith(`[${version}]`));
  const [heading = "", ...lines] = own.join("").split("\n");
  const notes = lines.join("\n").trim();
  if (own.length !== 1 || !/^\[.+\] - \d{4}-\d{2}-\d{2}$/.test(heading) || notes === "") {
    throw new Error(`CHANGELOG.md needs one section "## [${version}] - YYYY-MM-DD" that describes the changes.`);
  }
  return `${notes}\n`;
}
