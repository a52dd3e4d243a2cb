"use client";

import { ProblemError } from "@latchkey/client";
import { useEffect, useRef, useState, type ReactElement } from "react";
import { useSetting, useWords } from "../../core/setting.js";
import { useAction } from "../../hooks/useAction.js";
import { lost } from "../../messages/lost.js";
import { Button } from "../../ui/Button.js";
import { useClass } from "../../ui/classes.js";
import { Notice, ProblemNotice } from "../../ui/Notice.js";
import { Say } from "../../ui/Say.js";
import { FullTime } from "../../ui/Time.js";
import { Card, Said } from "../account/pieces.js";

export interface GoingProps {
  /** When the second factors are taken away; undefined once they aren't. */
  at: string | undefined;
  /** Ask again what there is. */
  reload: () => Promise<void>;
}

/** Says that the second step is about to be taken away, and lets it stay. */
export function Going({ at, reload }: GoingProps): ReactElement {
  const words = useWords(lost);
  const { client } = useSetting();
  const c = useClass();
  const box = useRef<HTMLDivElement>(null);
  // Somebody may ask again, and then it goes at another time.
  const [kept, setKept] = useState<string>();
  const goes = at !== undefined && at !== kept;
  const { submit, busy, wait, problem } = useAction(async () => {
    try {
      await client.call("DELETE", "/api/users/me/factors/recovery");
      setKept(at);
    } catch (error) {
      // Somebody was first: how it ended is asked.
      if (!(error instanceof ProblemError) || error.status !== 404) throw error;
    }
    await reload();
  });
  // The button is gone, and the focus with it.
  useEffect(() => {
    if (kept !== undefined) box.current?.focus();
  }, [kept]);
  return (
    <div ref={box} tabIndex={-1}>
      <Said>{kept !== undefined && !goes && <p>{words.stays}</p>}</Said>
      {goes && (
        <Card title={words.goesTitle}>
          <Notice look="warning">
            <p>
              <Say text={words.goesText} values={{ at: <FullTime at={at} /> }} />
            </p>
          </Notice>
          <div role="alert" className="lk-region">
            {problem && <ProblemNotice problem={problem} wait={wait} announce={false} />}
          </div>
          <div className={c("row")}>
            <Button look="primary" busy={busy} aria-disabled={wait > 0} onClick={() => void submit()}>
              {words.goesNot}
            </Button>
          </div>
        </Card>
      )}
    </div>
  );
}
