"use client";

import { useEffect, useRef, useState, type ReactElement } from "react";
import { useKept } from "../../core/kept.js";
import { late } from "../../core/late.js";
import { useSetting } from "../../core/setting.js";
import { fill } from "../../messages/table.js";
import { Button } from "../../ui/Button.js";
import { useClass } from "../../ui/classes.js";
import { FullTime } from "../../ui/Time.js";
import { Card, Loaded } from "../account/pieces.js";
import { Blank } from "./pieces.js";
import { useWords } from "./words.js";

/** Most who look at a user ask for nothing of the kind. */
const Stories = late(async () => (await import("./Stories.js")).Stories);

/** "Why was I logged out?", answered on the user's page. It is looked up when somebody asks. */
export function Why({ userId }: { userId: string }): ReactElement {
  const words = useWords();
  const c = useClass();
  const [asked, setAsked] = useState(false);
  if (asked) return <Answer userId={userId} />;
  return (
    <Card title={words.why} lead={words.whyLead}>
      <div className={c("row")}>
        <Button onClick={() => setAsked(true)}>{words.explain}</Button>
      </div>
    </Card>
  );
}

function Answer({ userId }: { userId: string }): ReactElement {
  const { client } = useSetting();
  const words = useWords();
  const c = useClass();
  const heading = useRef<HTMLHeadingElement>(null);
  // The button that was pressed is gone: the focus goes on to what it has brought.
  useEffect(() => heading.current?.focus(), []);
  const found = useKept(`explanation ${userId}`, () =>
    client.call("GET", "/api/users/{user_id}/explanation", { path: { user_id: userId } }),
  );
  const { sessions, entries } = found.data ?? { sessions: [], entries: [] };
  return (
    <Card look="flush" label={words.why}>
      <div className={c("head", "bar")}>
        <h2 tabIndex={-1} ref={heading}>
          {words.why}
        </h2>
        <Button busy={found.loading} onClick={() => void found.reload()}>
          {words.lookAgain}
        </Button>
      </div>
      <Loaded of={found} rows={3}>
        {found.data &&
          (sessions.length + entries.length === 0 ? (
            <Blank title={words.nothingKnown} />
          ) : (
            <>
              <Stories sessions={sessions} entries={entries} />
              <details className={c("fold", "inset")}>
                <summary>{fill(words.onRecord, { count: entries.length })}</summary>
                <ol>
                  {entries.map((entry, index) => (
                    <li key={index}>
                      <FullTime at={entry.at} />: <span lang="en">{entry.text}</span>
                    </li>
                  ))}
                </ol>
              </details>
            </>
          ))}
      </Loaded>
    </Card>
  );
}
