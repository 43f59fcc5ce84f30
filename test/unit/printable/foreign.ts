import * as fc from "fast-check";

/** Any text, and often one of the kind that somebody would attack a terminal, a reader or a log with. */
export const foreign = fc
  .array(
    fc.oneof(
      fc.string({ unit: "binary" }),
      fc.string(),
      fc.constantFrom(
        "\u001b[2J\u001b]0;title\u0007",
        "\u009b31m",
        "\r",
        "\r\n",
        "\n",
        "\u202e",
        "\u2066",
        "\u200b",
        "\ufeff",
        "\u2028",
        "\ud83d",
        "\udc00",
        "\uffff",
        "\u{e0041}",
        "::",
        "::add-mask::x",
        "  ::stop-commands::x",
        "##[",
        "##[add-mask]x",
        "<{%",
        "%}>",
        "`",
        "```",
        "|",
        "]]>",
        "</details>",
      ),
    ),
  )
  .map((parts) => parts.join(""));
