"use client";

import { useEffect, useRef, type ReactElement } from "react";
import { useSetting } from "../core/setting.js";
import { useClass } from "./classes.js";

interface TitleProps {
  children: string;
  level?: 1 | 2;
  /** The browser has loaded the page with it, though it comes later: the focus stays where it is. */
  quiet?: boolean;
  /** What page it is the heading of, where that may come to be called otherwise: a new name alone doesn't take the focus. */
  of?: string;
}

/** The heading of a part. It takes the focus where what was there before has been replaced, with all that could have had it. */
export function Title({ children, level = 1, quiet = false, of = children }: TitleProps): ReactElement {
  const { moved, onTitle, asked } = useSetting();
  const product = asked.options?.name;
  const heading = useRef<HTMLHeadingElement>(null);
  const c = useClass();
  const Heading = `h${level}` as const;
  useEffect(() => onTitle?.(children, product), [children, product, onTitle]);
  useEffect(() => {
    // The page that the browser itself has loaded begins where the browser says.
    if (moved.get() && !quiet) heading.current?.focus();
    moved.set(true);
  }, [of, moved, quiet]);
  return (
    <Heading ref={heading} tabIndex={-1} className={c("title")}>
      {children}
    </Heading>
  );
}
