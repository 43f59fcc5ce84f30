/** Stack names that Pulumi accepts, except for those that could be an option or a folder: they are used in commands and paths. */
export const stackName = /^\w[\w.-]{0,99}$/;
