"use client";

/** Security events of everyone, newest first, with the people they are about; equal neighbours in one row. */
import type { ReactElement } from "react";
import { useSetting } from "../../core/setting.js";
import type { AdminEvent } from "../../hooks/useAdmin.js";
import { eventName, eventTone } from "../../messages/eventNames.js";
import { fill } from "../../messages/table.js";
import { useClass } from "../../ui/classes.js";
import { Link } from "../../ui/Link.js";
import { Say } from "../../ui/Say.js";
import { FullTime, Time } from "../../ui/Time.js";
import { originIn } from "../account/called.js";
import { Badge, Item } from "../account/pieces.js";
import { fold } from "./folding.js";
import { addressOf } from "./place.js";
import { useEventNames, useWords } from "./words.js";

/** Who did it, where that was somebody whose account is gone. */
const GONE = "00000000-0000-0000-0000-000000000000";

export function FoldedEvents({ events }: { events: readonly AdminEvent[] }): ReactElement {
  const words = useWords();
  const names = useEventNames();
  const c = useClass();
  return (
    <ul className={c("list")}>
      {fold(events).map(({ newest, all }) => {
        const warns = eventTone(newest.type) === "warning";
        const from = originIn(words, newest);
        return (
          <Item
            key={newest.id}
            icon={warns ? "warning" : "list"}
            look={warns && "warning"}
            title={
              <>
                <strong>{eventName(newest.type, names)}</strong>{" "}
                {all.length > 1 && <Badge look="plain">{fill(words.times, { count: all.length })}</Badge>}
              </>
            }
            end={<Time at={newest.created_at} />}
          >
            <p className={c("hint")}>
              <Whose event={newest} />
            </p>
            <p className={c("hint")}>{from || words.byService}</p>
            {all.length > 1 && <Times events={all} />}
          </Item>
        );
      })}
    </ul>
  );
}

/** When each of the folded ones was. */
function Times({ events }: { events: readonly AdminEvent[] }): ReactElement {
  const words = useWords();
  const c = useClass();
  const first = events.at(-1);
  return (
    <details className={c("fold")}>
      <summary>
        <Say text={words.each} values={{ when: first && <FullTime at={first.created_at} /> }} />
      </summary>
      <ul>
        {events.map((event) => (
          <li key={event.id}>
            <FullTime at={event.created_at} />
          </li>
        ))}
      </ul>
    </details>
  );
}

/** Whom the event is about, and who did it, if that was somebody else. */
function Whose({ event }: { event: AdminEvent }): ReactElement {
  const words = useWords();
  const { user_id, actor_id } = event;
  const who = actor_id !== null && actor_id !== user_id && (
    <Person id={actor_id} email={event.actor_email} name={event.actor_name} />
  );
  if (user_id === null) return who ? <Say text={words.by} values={{ who }} /> : <span>{words.noAccount}</span>;
  const whom = <Person id={user_id} email={event.user_email} name={event.user_name} />;
  return who ? <Say text={words.andBy} values={{ whom, who }} /> : whom;
}

/** Somebody by name and address, with a link to their page where there is one. */
function Person({ id, email, name }: { id: string; email: string | null; name: string | null }): ReactElement {
  const words = useWords();
  const { links } = useSetting();
  if (!email) return <span>{id === GONE ? words.goneAdministrator : words.goneAccount}</span>;
  return (
    <span>
      {links.adminUsers === undefined ? (
        <span>{email}</span>
      ) : (
        <Link to={addressOf(links.adminUsers, id)}>{email}</Link>
      )}
      {name && <span>{` (${name})`}</span>}
    </span>
  );
}
