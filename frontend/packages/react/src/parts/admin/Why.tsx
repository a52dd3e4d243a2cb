"use client";

import { useEffect, useRef, useState, type ReactElement } from "react";
import { useKept } from "../../core/kept.js";
import { useSetting } from "../../core/setting.js";
import type { Explanation } from "../../hooks/useAdmin.js";
import { fill } from "../../messages/table.js";
import { Button } from "../../ui/Button.js";
import { useClass } from "../../ui/classes.js";
import { Say } from "../../ui/Say.js";
import { FullTime } from "../../ui/Time.js";
import { Badge, Card, Loaded } from "../account/pieces.js";
import { Blank } from "./pieces.js";
import { useWords } from "./words.js";

const AT_FIRST = 5;
/** The service says it, for those who run it, in the one language that it has. */
const SERVICE = "en";

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
                      <FullTime at={entry.at} />: <span lang={SERVICE}>{entry.text}</span>
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

type Story = Explanation["sessions"][number];

function Stories({ sessions, entries }: Pick<Explanation, "sessions" | "entries">): ReactElement {
  const words = useWords();
  const c = useClass();
  const [all, setAll] = useState(false);
  const shown = all ? sessions : sessions.slice(0, AT_FIRST);
  const verdicts: Readonly<Record<Story["verdict"], readonly [string, "success" | "warning" | "plain"]>> = {
    living: [words.living, "success"],
    ended: [words.over, "plain"],
    expired: [words.expired, "plain"],
    deleted: [words.gone, "warning"],
    unknown: [words.unknown, "warning"],
  };
  return (
    <>
      <ul className={c("list")}>
        {shown.map((story) => {
          const [word, look] = verdicts[story.verdict];
          const began = entries.findLast((entry) => entry.session_id === story.session_id);
          return (
            <li key={story.session_id} className={c("inset")}>
              <p>
                <strong lang={SERVICE}>{story.text}</strong> <Badge look={look}>{word}</Badge>
              </p>
              <p className={c("hint")}>
                {began && (
                  <>
                    <Say text={words.sessionOf} values={{ when: <FullTime at={began.at} /> }} />
                    {" · "}
                  </>
                )}
                <code>{story.session_id}</code>
              </p>
            </li>
          );
        })}
      </ul>
      {sessions.length > AT_FIRST && (
        <div className={c("inset")}>
          <Button aria-expanded={all} onClick={() => setAll(!all)}>
            {all ? words.showFewer : fill(words.showAll, { count: sessions.length })}
          </Button>
        </div>
      )}
    </>
  );
}
