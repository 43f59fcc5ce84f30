/**
 * Why nothing of this program runs on this operating system; undefined where it does. Its commands are POSIX shell scripts, and files
 * with secrets are protected by POSIX permissions.
 */
export function operatingSystemProblem(platform: NodeJS.Platform = process.platform): string | undefined {
  return platform === "win32"
    ? "This program does not run on Windows itself: it runs shell scripts, and protects files with secrets by permissions that Windows does not " +
        "have. Run it in WSL 2 (https://learn.microsoft.com/windows/wsl/install), with the clone, Node.js and the Pulumi CLI in there."
    : undefined;
}
