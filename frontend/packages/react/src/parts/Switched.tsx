"use client";

import { useState, type ReactElement } from "react";
import { useAuth, useWords } from "../core/setting.js";
import { fill } from "../messages/table.js";
import { moments } from "../messages/moments.js";
import { Button } from "../ui/Button.js";
import { Notice } from "../ui/Notice.js";

/** Says who the reader is now, until they have read it. */
export function SwitchedTo(): ReactElement | null {
  const { user, session, switched } = useAuth();
  const words = useWords(moments);
  const [read, setRead] = useState<string | null>(null);
  if (!user || !switched || read === session) return null;
  return (
    <Notice look="warning" title={fill(words.switched, { email: user.email })}>
      <p>{words.switchedText}</p>
      <div>
        <Button onClick={() => setRead(session)}>{words.allRight}</Button>
      </div>
    </Notice>
  );
}
