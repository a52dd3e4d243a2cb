"use client";

import { useEffect, useRef, type ReactElement } from "react";
import { download } from "../../core/download.js";
import { useSetting } from "../../core/setting.js";
import { useSecondWords } from "../../core/spoken.js";
import { factors } from "../../messages/factors.js";
import { Button } from "../../ui/Button.js";
import { useClass } from "../../ui/classes.js";
import { Notice } from "../../ui/Notice.js";
import { useGuard } from "../../ui/guard.js";
import { Copy } from "./AppKey.js";

interface CodesProps {
  codes: readonly string[];
  /** The reader has kept them. */
  onKept: () => void;
}

/** Recovery codes, this once: to copy, to download, to print. The focus comes here, for there is no second time. */
export function Codes({ codes, onKept }: CodesProps): ReactElement {
  const words = useSecondWords(factors);
  const { asked } = useSetting();
  const c = useClass();
  useGuard();
  const list = useRef<HTMLUListElement>(null);
  useEffect(() => list.current?.focus(), []);
  const text = codes.join("\n");
  return (
    <>
      <Notice look="warning">
        <p>{words.codesOnce}</p>
      </Notice>
      <ul ref={list} tabIndex={-1} className={c("codes")} aria-label={words.recoveryCodes}>
        {codes.map((code) => (
          <li key={code}>
            <code>{code}</code>
          </li>
        ))}
      </ul>
      <div className={c("row")}>
        <Copy text={text}>{words.copyCodes}</Copy>
        <Button onClick={() => download(asked.options, "recovery-codes.txt", `${text}\n`)}>
          {words.downloadCodes}
        </Button>
        <Button onClick={() => window.print()}>{words.printCodes}</Button>
        <Button look="primary" onClick={onKept}>
          {words.codesKept}
        </Button>
      </div>
    </>
  );
}
