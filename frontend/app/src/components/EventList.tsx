/** Security events, newest first, in words. */
import type { ReactElement, ReactNode } from "react";
import { eventName, eventTone } from "../lib/eventNames";
import type { SecurityEvent } from "../services/types";
import { Icon } from "./Icon";
import { Blank } from "./Loading";
import { Time } from "./Time";

interface EventListProps<E extends SecurityEvent> {
  events: readonly E[];
  /** More about an event, for administrators. */
  more?: (event: E) => ReactNode;
}

export function EventList<E extends SecurityEvent>({ events, more }: EventListProps<E>): ReactElement {
  if (events.length === 0) return <Blank icon="list" title="Nothing yet" />;
  return (
    <ul className="list">
      {events.map((event) => (
        <li key={event.id} className="item">
          <span className={`item__icon${eventTone(event.type) === "warning" ? " item__icon--warning" : ""}`}>
            <Icon name={eventTone(event.type) === "warning" ? "warning" : "list"} />
          </span>
          <div>
            <p className="item__title">{eventName(event.type)}</p>
            <p className="item__text">{whereFrom(event)}</p>
            {more?.(event)}
          </div>
          <span className="item__end item__text">
            <Time at={event.created_at} />
          </span>
        </li>
      ))}
    </ul>
  );
}

function whereFrom(event: SecurityEvent): string {
  return [event.device, event.ip].filter(Boolean).join(" · ") || "By the service";
}
