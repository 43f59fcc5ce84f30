/** A one-way link: services of `from` may call those of `to`. The peer Gateway for `to` stands in `from`. */
export interface Link {
  readonly from: string;
  readonly to: string;
}

/** A link as a stack gives it. */
export type LinkSetting = Link | { readonly between: readonly string[] };

/** The one-way links that a link setting stands for. */
export function directions(setting: LinkSetting): readonly Link[] {
  if ("from" in setting) {
    return [{ from: setting.from, to: setting.to }];
  }
  const [a = "", b = ""] = setting.between;
  return [
    { from: a, to: b },
    { from: b, to: a },
  ];
}

/**
 * The links that a stack makes, sorted by `from` and `to`, each once. `mesh` links every own cluster with every other
 * cluster, own or peer. A link that starts at a peer belongs to the peer's stack, and is not among them.
 *
 * @param own Names of the stack's own clusters.
 * @param peers Names of the clusters of other stacks that it peers with.
 */
export function planLinks(
  links: "mesh" | readonly LinkSetting[],
  own: readonly string[],
  peers: readonly string[],
): Link[] {
  const wanted =
    links === "mesh"
      ? own.flatMap((from) => [...own, ...peers].map((to) => ({ from, to })))
      : links.flatMap(directions).filter(({ from }) => own.includes(from));
  const distinct = new Map(
    wanted.filter(({ from, to }) => from !== to).map((link) => [`${link.from} ${link.to}`, link] as const),
  );
  return [...distinct].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, link]) => link);
}
