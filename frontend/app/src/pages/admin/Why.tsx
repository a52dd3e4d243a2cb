import { useEffect, useRef, useState, type ReactElement } from "react";
import { Button } from "../../components/Button";
import { Blank, InsetSkeleton, Loaded } from "../../components/Loading";
import { Badge, Card } from "../../components/Page";
import { Time } from "../../components/Time";
import { useResource } from "../../lib/useResource";
import type { Explanation } from "../../services/types";
import userService from "../../services/userService";

type Story = Explanation["sessions"][number];

const VERDICTS: Readonly<Record<Story["verdict"], readonly [string, "success" | "warning" | undefined]>> = {
  living: ["Logged in", "success"],
  ended: ["Ended", undefined],
  expired: ["Expired", undefined],
  deleted: ["Gone", "warning"],
  unknown: ["Not known", "warning"],
};
const AT_FIRST = 5;

/** "Why was I logged out?", answered on the user's page. It is looked up when somebody asks. */
export function Why({ userId }: { userId: string }): ReactElement {
  const [asked, setAsked] = useState(false);
  if (asked) return <Answer userId={userId} />;
  return (
    <Card title="Why were they logged out?" lead="What became of each of their sessions, and what is on record.">
      <div className="row">
        <Button onClick={() => setAsked(true)}>Explain</Button>
      </div>
    </Card>
  );
}

function Answer({ userId }: { userId: string }): ReactElement {
  const heading = useRef<HTMLHeadingElement>(null);
  // The button that was pressed is gone: the focus goes on to what it has brought.
  useEffect(() => heading.current?.focus(), []);
  const found = useResource(`explanation ${userId}`, (signal) => userService.explain(userId, signal));
  return (
    <section className="card card--flush" aria-labelledby="why">
      <div className="card__bar">
        <h2 id="why" tabIndex={-1} ref={heading}>
          Why were they logged out?
        </h2>
        <Button busy={found.loading} onClick={found.reload}>
          Look again
        </Button>
      </div>
      <Loaded resource={found} skeleton={<InsetSkeleton />}>
        {({ sessions, entries }) =>
          sessions.length + entries.length === 0 ? (
            <Blank icon="list" title="Nothing is known of this user’s sessions" />
          ) : (
            <>
              <Stories sessions={sessions} entries={entries} />
              <details className="fold inset">
                <summary>Everything on record ({entries.length})</summary>
                <ol className="fold__list">
                  {entries.map((entry, index) => (
                    <li key={index}>
                      <Time at={entry.at} as="full" />: {entry.text}
                    </li>
                  ))}
                </ol>
              </details>
            </>
          )
        }
      </Loaded>
    </section>
  );
}

function Stories({ sessions, entries }: Explanation): ReactElement {
  const [all, setAll] = useState(false);
  const shown = all ? sessions : sessions.slice(0, AT_FIRST);
  return (
    <>
      <ul className="list">
        {shown.map((story) => {
          const [word, look] = VERDICTS[story.verdict];
          const began = entries.findLast((entry) => entry.session_id === story.session_id);
          return (
            <li key={story.session_id} className="inset">
              <p className="item__title">
                {story.text} {look ? <Badge look={look}>{word}</Badge> : <Badge>{word}</Badge>}
              </p>
              <p className="item__text">
                {began && (
                  <>
                    Session of <Time at={began.at} as="full" /> ·{" "}
                  </>
                )}
                <code>{story.session_id}</code>
              </p>
            </li>
          );
        })}
      </ul>
      {sessions.length > AT_FIRST && (
        <div className="inset">
          <Button aria-expanded={all} onClick={() => setAll(!all)}>
            {all ? "Show fewer sessions" : `Show all ${sessions.length} sessions`}
          </Button>
        </div>
      )}
    </>
  );
}
