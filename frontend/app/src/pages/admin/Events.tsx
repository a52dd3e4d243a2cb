import { useState, type ReactElement } from "react";
import { Link, useSearchParams } from "react-router";
import { Button } from "../../components/Button";
import { EventList } from "../../components/EventList";
import { InsetSkeleton, Loaded } from "../../components/Loading";
import { Page } from "../../components/Page";
import { Pager } from "../../components/Pager";
import { Select } from "../../components/Select";
import { EVENT_TYPES, eventName } from "../../lib/eventNames";
import { usePages } from "../../lib/usePages";
import eventService, { type AdminEvent, type EventFilter } from "../../services/eventService";

const PER_PAGE = 20;
const FILTERS = ["type", "email", "ip", "from", "to"] as const;
const TYPES = [["", "All events"], ...EVENT_TYPES.map((type) => [type, eventName(type)] as const)] as const;

/** Security events of everyone, filtered; the filters are in the address. */
export default function EventsPage(): ReactElement {
  const [params, setParams] = useSearchParams();
  const filter: EventFilter = Object.fromEntries(
    FILTERS.flatMap((name) => {
      const value = params.get(name);
      return value ? [[name, value]] : [];
    }),
  );
  const set = (name: string, value: string): void => {
    const after = new URLSearchParams(params);
    if (value.trim()) after.set(name, value.trim());
    else after.delete(name);
    setParams(after, { replace: true });
  };
  const pages = usePages(`events ${JSON.stringify(filter)}`, (after, signal) =>
    eventService.list(filter, PER_PAGE, after, signal),
  );
  const filtered = Object.keys(filter).length > 0;
  return (
    <Page title="Events" lead="What happened, to whom, from where. The newest first.">
      <search className="filters">
        <Select label="Event" value={filter.type ?? ""} options={TYPES} onChange={(value) => set("type", value)} />
        <Filter name="email" label="User’s e-mail" value={filter.email} onChange={set} />
        <Filter name="ip" label="From (IP address)" value={filter.ip} onChange={set} />
        <Filter name="from" label="Since" type="date" value={filter.from} onChange={set} />
        <Filter name="to" label="Until" type="date" value={filter.to} onChange={set} />
        {filtered && (
          <div>
            <Button onClick={() => setParams({}, { replace: true })}>Clear filters</Button>
          </div>
        )}
      </search>
      <section className="card card--flush" aria-label="Events">
        <Loaded resource={pages} skeleton={<InsetSkeleton lines={9} />}>
          {(page) => <EventList events={page.items} more={(event) => <Whose event={event} />} />}
        </Loaded>
        <Pager pages={pages} what="events" />
      </section>
    </Page>
  );
}

interface FilterProps {
  name: string;
  label: string;
  type?: "text" | "date";
  value: string | undefined;
  onChange: (name: string, value: string) => void;
}

/** A filter that is typed in; it takes effect on Enter, and when the field is left. */
function Filter({ name, label, type = "text", value, onChange }: FilterProps): ReactElement {
  const [typed, setTyped] = useState(value);
  const [before, setBefore] = useState(value);
  // Cleared, or gone back to: the field follows. It stays the same element, for whoever is in it.
  if (before !== value) {
    setBefore(value);
    setTyped(value);
  }
  return (
    <div className="field">
      <label className="field__label" htmlFor={`filter-${name}`}>
        {label}
      </label>
      <input
        id={`filter-${name}`}
        className="input"
        type={type}
        value={typed ?? ""}
        maxLength={254}
        spellCheck={false}
        onChange={(event) => setTyped(event.target.value)}
        onBlur={(event) => onChange(name, event.target.value)}
        onKeyDown={(event) => {
          if (event.key === "Enter") onChange(name, event.currentTarget.value);
        }}
      />
    </div>
  );
}

/** Whom the event is about, and who did it, if that was somebody else. */
function Whose({ event }: { event: AdminEvent }): ReactElement {
  return (
    <p className="item__text">
      {event.user_id && <Link to={`/admin/users/${event.user_id}`}>User {event.user_id}</Link>}
      {event.actor_id && event.actor_id !== event.user_id && (
        <>
          {" · "}
          <Link to={`/admin/users/${event.actor_id}`}>by administrator {event.actor_id}</Link>
        </>
      )}
    </p>
  );
}
