"use client";

/**
 * Messages with something in them: a link, a name in bold.
 *
 * Each piece is in an element of its own. Page translators replace bare texts: React could neither change nor remove them,
 * and would put nothing beside them.
 */
import type { ReactElement, ReactNode } from "react";
import { fill, type Values } from "../messages/table.js";

interface SayProps {
  /** The message, `words.…`. */
  text: string;
  /** What its braces are filled in with; between tags only with words. */
  values?: Readonly<Record<string, ReactNode>>;
  /** How what stands between tags is drawn: `{ link: (text) => <a href="…">{text}</a> }`. `b` and `code` are known. */
  tags?: Readonly<Record<string, (text: string) => ReactNode>>;
}

const KNOWN: SayProps["tags"] = { b: (text) => <strong>{text}</strong>, code: (text) => <code>{text}</code> };

/** One message. Values are filled in after it was taken apart: a name with `<b>` in it is a name. */
export function Say({ text: message, values, tags }: SayProps): ReactElement {
  const pieces = message.split(/<(\w+)>(.*?)<\/\1>/);
  const drawn = { ...KNOWN, ...tags };
  return (
    <span>
      {pieces.map((piece, index) => {
        if (index % 3 === 1) return null; // the tag of the next one
        const tag = index % 3 === 2 ? drawn[pieces[index - 1] ?? ""] : undefined;
        return <span key={index}>{tag ? tag(fill(piece, values as Values)) : filled(piece, values)}</span>;
      })}
    </span>
  );
}

function filled(text: string, values: SayProps["values"]): ReactNode {
  // Split by what is captured: every second piece is a name.
  const pieces = text
    .split(/(\{\w+\})/)
    .map((piece, index) => (index % 2 ? values?.[piece.slice(1, -1)] : null) ?? piece);
  // Words alone are one text.
  if (pieces.every((piece) => typeof piece !== "object")) return pieces.join("");
  return pieces.map((piece, index) => <span key={index}>{piece}</span>);
}
