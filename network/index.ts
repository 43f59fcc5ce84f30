/** How the program's own requests leave the machine. */
export { HttpClient, type HttpOptions, type Timeouts } from "./http-client";
export { proxyFor, shownProxy } from "./proxy";
