/** Folders and files that are their user's alone. */
export { faultOfFolder, openToOthers, ownFolder } from "./own-folder";
export { writePrivate } from "./private-file";
