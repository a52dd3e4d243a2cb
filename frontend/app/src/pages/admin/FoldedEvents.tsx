/** Security events of everyone, newest first, with the people they are about; equal neighbours in one row. */
import type { ReactElement } from "react";
import { Link } from "react-router";
import { Icon } from "../../components/Icon";
import { Badge } from "../../components/Page";
import { Time } from "../../components/Time";
import { eventName, eventTone } from "../../lib/eventNames";
import { useLeaving } from "../../lib/useAddress";
import type { AdminEvent } from "../../services/eventService";
import { fold } from "./folding";

/** Who did it, where that was somebody whose account is gone. */
const GONE = "00000000-0000-0000-0000-000000000000";

export function FoldedEvents({ events }: { events: readonly AdminEvent[] }): ReactElement {
  return (
    <ul className="list">
      {fold(events).map(({ newest, all }) => (
        <li key={newest.id} className="item">
          <span className={`item__icon${eventTone(newest.type) === "warning" ? " item__icon--warning" : ""}`}>
            <Icon name={eventTone(newest.type) === "warning" ? "warning" : "list"} />
          </span>
          <div>
            <p className="item__title">
              {eventName(newest.type)} {all.length > 1 && <Badge>{all.length} times</Badge>}
            </p>
            <p className="item__text">
              <Whose event={newest} />
            </p>
            <p className="item__text">{whereFrom(newest)}</p>
            {all.length > 1 && <Times events={all} />}
          </div>
          <span className="item__end item__text">
            <Time at={newest.created_at} />
          </span>
        </li>
      ))}
    </ul>
  );
}

/** When each of the folded ones was. */
function Times({ events }: { events: readonly AdminEvent[] }): ReactElement {
  const first = events.at(-1);
  return (
    <details className="fold">
      <summary className="item__text">Since {first && <Time at={first.created_at} as="full" />}: when each was</summary>
      <ul className="fold__list item__text">
        {events.map((event) => (
          <li key={event.id}>
            <Time at={event.created_at} as="full" />
          </li>
        ))}
      </ul>
    </details>
  );
}

/** Whom the event is about, and who did it, if that was somebody else. */
function Whose({ event }: { event: AdminEvent }): ReactElement {
  const { user_id, actor_id } = event;
  const actor = actor_id !== null && actor_id !== user_id && (
    <Person id={actor_id} email={event.actor_email} name={event.actor_name} />
  );
  if (user_id === null) return actor ? <>By {actor}</> : <>No account, or one that is gone</>;
  return (
    <>
      <Person id={user_id} email={event.user_email} name={event.user_name} />
      {actor && <> · by {actor}</>}
    </>
  );
}

/** Somebody by name and address, with a link to their page. */
function Person({ id, email, name }: { id: string; email: string | null; name: string | null }): ReactElement {
  const leaving = useLeaving("Events");
  if (!email) return <>{id === GONE ? "an administrator who is gone" : "an account that is gone"}</>;
  return (
    <>
      <Link to={`/admin/users/${id}`} state={leaving}>
        {email}
      </Link>
      {name && ` (${name})`}
    </>
  );
}

function whereFrom(event: AdminEvent): string {
  const { device } = event;
  return [device, event.ip].filter(Boolean).join(" · ") || "By the service";
}
