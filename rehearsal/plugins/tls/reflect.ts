/**
 * Import this before `@peculiar/x509`: tsyringe, by which it finds its algorithms, refuses to load without the Reflect
 * metadata API. Nothing in there has metadata, so that "none" is the true answer.
 */
const none = () => undefined;
Object.assign(Reflect, { getMetadata: none, getOwnMetadata: none, defineMetadata: none });
