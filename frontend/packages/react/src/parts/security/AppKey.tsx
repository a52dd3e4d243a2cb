"use client";

import { useState, type ReactElement } from "react";
import { late } from "../../core/late.js";
import { useSecondWords } from "../../core/spoken.js";
import { factors } from "../../messages/factors.js";
import { Button } from "../../ui/Button.js";
import { useClass } from "../../ui/classes.js";
import type { QrCodeProps } from "./QrCode.js";

// Where it can't be loaded there is still the key: it can be typed.
const QrCode = late<QrCodeProps>(
  () =>
    import("./QrCode.js").then(
      (part) => part.QrCode,
      () => () => null,
    ),
  Blank,
);

/** Its place, so that nothing moves when it comes. */
function Blank(): ReactElement {
  return <div className={useClass()("qr")} />;
}

/** What an app that shows codes is told: the key as a QR code, as a text, and as a link. */
export function AppKey({ secret, uri }: { secret: string; uri: string }): ReactElement {
  const words = useSecondWords(factors);
  const c = useClass();
  return (
    <>
      <p>{words.appStep}</p>
      <QrCode text={uri} label={words.appQr} />
      <dl className={c("facts")}>
        <dt>{words.appKey}</dt>
        <dd>
          <code>{secret.replace(/(.{4})(?=.)/g, "$1 ")}</code>
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
  const words = useSecondWords(factors);
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
