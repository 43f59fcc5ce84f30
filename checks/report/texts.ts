/** How long a name or a message of a report may be, in characters: a cluster may have said what is in it. */
export const longestText = 4000;
