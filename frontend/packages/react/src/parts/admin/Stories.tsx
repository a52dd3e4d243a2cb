"use client";

import { useState, type ReactElement } from "react";
import type { Explanation } from "../../hooks/useAdmin.js";
import { fill } from "../../messages/table.js";
import { Button } from "../../ui/Button.js";
import { useClass } from "../../ui/classes.js";
import { Say } from "../../ui/Say.js";
import { FullTime } from "../../ui/Time.js";
import { Badge } from "../account/pieces.js";
import { useWords } from "./words.js";

const AT_FIRST = 5;
/** The service says it, for those who run it, in the one language that it has. */
const SERVICE = "en";

type Story = Explanation["sessions"][number];

/** What became of each session, in the service's words. */
export function Stories({ sessions, entries }: Pick<Explanation, "sessions" | "entries">): ReactElement {
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
                  <span>
                    <Say text={words.sessionOf} values={{ when: <FullTime at={began.at} /> }} />
                    {" · "}
                  </span>
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
