/** Folders and files of the user who runs the program. */
export { folderProblem, openToOthers, ownFolder } from "./own-folder";
export { writePrivate } from "./private-file";
export { projectName } from "./project-file";
