/** Names of stacks as Pulumi takes them, but for those that could be an option or a folder: they stand in commands and in paths. */
export const stackName = /^\w[\w.-]{0,99}$/;
