"use client";

import type { ReactElement } from "react";
import { useWords } from "../core/setting.js";
import { letters } from "../messages/letters.js";
import { Notice } from "../ui/Notice.js";

/** What to say of a token that isn't there, or is no good. */
export function DeadLink(): ReactElement {
  const words = useWords(letters);
  return (
    <Notice look="error" title={words.deadLink}>
      <p>{words.deadLinkText}</p>
    </Notice>
  );
}
