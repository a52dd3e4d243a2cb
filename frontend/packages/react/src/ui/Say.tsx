"use client";

/** Messages with something in them: a link, a name in bold. */
import { Fragment, type ReactElement, type ReactNode } from "react";
import { useSetting } from "../core/setting.js";
import { fill, type Values, type Word } from "../messages/table.js";

interface SayProps {
  word: Word;
  values?: Values;
  /** How what stands between tags is drawn: `{ link: (text) => <a href="…">{text}</a> }`. `b` and `code` are known. */
  tags?: Readonly<Record<string, (text: string) => ReactNode>>;
}

const KNOWN: SayProps["tags"] = { b: (text) => <strong>{text}</strong>, code: (text) => <code>{text}</code> };

/** One message. Values are filled in after it was taken apart: a name with `<b>` in it is a name. */
export function Say({ word, values, tags }: SayProps): ReactElement {
  const { words } = useSetting();
  const pieces = words[word].split(/<(\w+)>(.*?)<\/\1>/);
  const drawn = { ...KNOWN, ...tags };
  return (
    <>
      {pieces.map((piece, index) => {
        if (index % 3 === 1) return null; // the tag of the next one
        const text = fill(piece, values);
        const tag = index % 3 === 2 ? drawn[pieces[index - 1] ?? ""] : undefined;
        return <Fragment key={index}>{tag ? tag(text) : text}</Fragment>;
      })}
    </>
  );
}
