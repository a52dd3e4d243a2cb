"use client";

import type { ReactElement, ReactNode } from "react";
import { useSetting, useWords } from "../../core/setting.js";
import { useActivity, type AccountEvent } from "../../hooks/useAccount.js";
import { eventName, eventTone } from "../../messages/eventNames.js";
import { account } from "../../messages/account.js";
import { fill } from "../../messages/table.js";
import { Button } from "../../ui/Button.js";
import { useClass } from "../../ui/classes.js";
import { Part } from "../../ui/Part.js";
import { Time } from "../../ui/Time.js";
import { originIn } from "./called.js";
import { Card, Item, Loaded, Section } from "./pieces.js";

/** Everything that happened to the reader's account. */
export function Activity(): ReactElement {
  const words = useWords(account);
  const c = useClass();
  const { events, page, forward, back, ...kept } = useActivity();
  return (
    <Section title={words.activity} lead={words.activityLead}>
      <Card look="flush" label={words.activity}>
        <Loaded of={kept} rows={8}>
          {events && <EventList events={events} />}
        </Loaded>
        {(back ?? forward) && (
          <nav className={c("pager")} aria-label={words.pages}>
            <span role="status">{fill(words.page, { page })}</span>
            <div className={c("row")}>
              <Button aria-disabled={!back} onClick={() => back?.()}>
                {words.previous}
              </Button>
              <Button aria-disabled={!forward} onClick={() => forward?.()}>
                {words.next}
              </Button>
            </div>
          </nav>
        )}
      </Card>
    </Section>
  );
}

/** What happened last, without a heading and pages: for a start page. */
export function LatestActivity({ count = 5 }: { count?: number }): ReactElement {
  // The same answer as the whole list's first page: who goes on to that finds it there.
  const { events, ...kept } = useActivity();
  return (
    <Part>
      <Loaded of={kept} rows={count}>
        {events && <EventList events={events.slice(0, count)} />}
      </Loaded>
    </Part>
  );
}

interface EventListProps<E extends AccountEvent> {
  events: readonly E[];
  /** More about an event. */
  more?: (event: E) => ReactNode;
}

/** Events, in words. */
export function EventList<E extends AccountEvent>({ events, more }: EventListProps<E>): ReactElement {
  const words = useWords(account);
  const { events: names } = useSetting();
  const c = useClass();
  if (events.length === 0) return <p className={c("inset")}>{words.nothingYet}</p>;
  return (
    <ul className={c("list")}>
      {events.map((event) => {
        const warns = eventTone(event.type) === "warning";
        const from = originIn(words, event);
        return (
          <Item
            key={event.id}
            icon={warns ? "warning" : "list"}
            look={warns && "warning"}
            title={<strong>{eventName(event.type, names)}</strong>}
            end={<Time at={event.created_at} />}
          >
            <p className={c("hint")}>{from || words.byService}</p>
            {more?.(event)}
          </Item>
        );
      })}
    </ul>
  );
}
