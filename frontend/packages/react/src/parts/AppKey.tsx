"use client";

import { useState, type ReactElement } from "react";
import { useWords } from "../core/setting.js";
import { factors } from "../messages/factors.js";
import { Button } from "../ui/Button.js";
import { useClass } from "../ui/classes.js";

/** What an app that shows codes is told: the key, to be typed or copied, and as a link. */
export function AppKey({ secret, uri }: { secret: string; uri: string }): ReactElement {
  const words = useWords(factors);
  const c = useClass();
  return (
    <>
      <p>{words.appStep}</p>
      <dl className={c("facts")}>
        <dt>{words.appKey}</dt>
        <dd>
          <code>{secret}</code>
        </dd>
      </dl>
      <div className={c("row")}>
        <Copy text={secret}>{words.copyKey}</Copy>
        <a className={c("link")} href={uri}>
          {words.openApp}
        </a>
      </div>
    </>
  );
}

/** Puts a text where it can be pasted from, and says so. Not there where the browser doesn't let pages do that. */
export function Copy({ text, children }: { text: string; children: string }): ReactElement {
  const words = useWords(factors);
  const [copied, setCopied] = useState(false);
  const may = (navigator as Partial<Navigator>).clipboard !== undefined;
  return (
    <>
      {may && (
        <Button
          onClick={() => {
            setCopied(false);
            navigator.clipboard.writeText(text).then(
              () => setCopied(true),
              () => undefined, // it can be marked and copied by hand
            );
          }}
        >
          {children}
        </Button>
      )}
      <span role="status" className="lk-region">
        {copied && words.copied}
      </span>
    </>
  );
}
