/** What an image's name says of which one it is. */
export interface ImageVersion {
  /** Tag and digest as they stand, `1.28.5-solo-distroless@sha256:…`; empty where there are none. */
  readonly exact: string;
  /** The tag without its variant, `1.28.5-solo`; undefined where there is none, such as beside a digest. */
  readonly version: string | undefined;
}

/** Variants that one version's images come in; several may follow one another. */
const variant = /-(distroless|debug|fips)$/;

/** Reads `registry:port/path/name:tag@digest`, of which only the name has to be there. */
export function imageVersion(image: string): ImageVersion {
  const [name = "", digest] = image.split("@");
  const [, tag] = /:([^:/]+)$/.exec(name) ?? [];
  let version = tag;
  while (version !== undefined && variant.test(version)) {
    version = version.replace(variant, "");
  }
  return { exact: [tag ?? "", ...(digest === undefined ? [] : [digest])].join("@"), version };
}
