"use client";

import type { ReactElement } from "react";
import { useAuth, useSetting, useWords } from "../core/setting.js";
import { moments } from "../messages/moments.js";
import { Button } from "../ui/Button.js";
import { useClass } from "../ui/classes.js";
import { Dialog } from "../ui/Dialog.js";

/** Says that this browser doesn't keep the session: before the reload that loses it. */
export function NotKept(): ReactElement | null {
  const words = useWords(moments);
  const { show } = useSetting();
  const c = useClass();
  const close = (): void => show(null);
  if (!useAuth().fleeting) return null;
  return (
    <Dialog title={words.notKept} text={words.notKeptText} onClose={close}>
      <div className={c("actions")}>
        <Button onClick={close}>{words.allRight}</Button>
      </div>
    </Dialog>
  );
}
