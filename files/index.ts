/** Folders that nobody but this user can write to. */
export { faultOfFolder, openToOthers, ownFolder } from "./own-folder";
