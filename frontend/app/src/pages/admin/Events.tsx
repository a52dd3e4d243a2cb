import type { ReactElement } from "react";
import { Link, useSearchParams } from "react-router";
import { Button } from "../../components/Button";
import { EventList } from "../../components/EventList";
import { Loaded, Skeleton } from "../../components/Loading";
import { Page } from "../../components/Page";
import { Pager } from "../../components/Pager";
import { Select } from "../../components/Select";
import { EVENT_TYPES, eventName } from "../../lib/eventNames";
import { usePages } from "../../lib/usePages";
import eventService, { EVENT_FILTERS, type AdminEvent, type EventFilter } from "../../services/eventService";

const PER_PAGE = 20;
const TYPES = [["", "All events"], ...EVENT_TYPES.map((type) => [type, eventName(type)] as const)] as const;

/** Security events of everyone, filtered; the filters are in the address. */
export default function EventsPage(): ReactElement {
  const [params, setParams] = useSearchParams();
  const filter: EventFilter = Object.fromEntries(
    EVENT_FILTERS.flatMap((name) => {
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
        <Filter name="user_id" label="User’s id" value={filter.user_id} onChange={set} />
        <Filter name="ip" label="Address (IP)" value={filter.ip} onChange={set} />
        {filtered && (
          <div>
            <Button onClick={() => setParams({}, { replace: true })}>Clear filters</Button>
          </div>
        )}
      </search>
      <section className="card card--flush" aria-label="Events">
        <Loaded
          resource={pages}
          skeleton={
            <div className="card">
              <Skeleton lines={9} />
            </div>
          }
        >
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
  value: string | undefined;
  onChange: (name: string, value: string) => void;
}

/** A filter that is typed in; it takes effect on Enter, and when the field is left. */
function Filter({ name, label, value, onChange }: FilterProps): ReactElement {
  return (
    <div className="field">
      <label className="field__label" htmlFor={`filter-${name}`}>
        {label}
      </label>
      <input
        key={value}
        id={`filter-${name}`}
        className="input"
        defaultValue={value}
        maxLength={64}
        spellCheck={false}
        onBlur={(event) => onChange(name, event.target.value)}
        onKeyDown={(event) => {
          if (event.key === "Enter") onChange(name, event.currentTarget.value);
        }}
      />
    </div>
  );
}

function Whose({ event }: { event: AdminEvent }): ReactElement | null {
  if (!event.user_id) return null;
  return (
    <p className="item__text">
      <Link to={`/admin/users/${event.user_id}`}>{event.user_id}</Link>
    </p>
  );
}
