import type { ReactElement } from "react";
import { Button } from "../../components/Button";
import { DownloadButton } from "../../components/DownloadButton";
import { Blank, InsetSkeleton, Loaded } from "../../components/Loading";
import { Page } from "../../components/Page";
import { Pager } from "../../components/Pager";
import { Select } from "../../components/Select";
import { EVENT_TYPES, eventName } from "../../lib/eventNames";
import { useAddress } from "../../lib/useAddress";
import { usePagesAt } from "../../lib/usePages";
import { useTyped } from "../../lib/useTyped";
import eventService, { queryOf, type EventFilter } from "../../services/eventService";
import { FoldedEvents } from "./FoldedEvents";

// More than fit on a screen: equal ones that follow each other take the room of one.
const PER_PAGE = 50;
const FILTERS = ["type", "person", "ip", "from", "to"] as const;
const TYPES = [["", "All events"], ...EVENT_TYPES.map((type) => [type, eventName(type)] as const)] as const;

/** Security events of everyone, filtered; the filters and the page are in the address. */
export default function EventsPage(): ReactElement {
  const address = useAddress();
  const filter: EventFilter = Object.fromEntries(
    FILTERS.flatMap((name) => (address.get(name) ? [[name, address.get(name)]] : [])),
  );
  const set = (name: string, value: string): void => address.set({ [name]: value });
  const pages = usePagesAt(address, `events ${JSON.stringify(filter)}`, (after, signal) =>
    eventService.list(filter, PER_PAGE, after, signal),
  );
  const filtered = Object.keys(filter).length > 0;
  return (
    <Page
      title="Events"
      lead="What happened, to whom, from where. The newest first."
      actions={<DownloadButton path="/api/admin/events.csv" query={queryOf(filter)} />}
    >
      <search className="filters">
        <Select label="Event" value={filter.type ?? ""} options={TYPES} onChange={(value) => set("type", value)} />
        <Filter name="person" label="Person (e-mail or id)" value={filter.person} onChange={set} />
        <Filter name="ip" label="From (IP address)" value={filter.ip} onChange={set} />
        <Filter name="from" label="Since" type="date" value={filter.from} onChange={set} />
        <Filter name="to" label="Until" type="date" value={filter.to} onChange={set} />
        {filtered && (
          <div>
            <Button onClick={address.clear}>Clear filters</Button>
          </div>
        )}
      </search>
      <section className="card card--flush" aria-label="Events">
        <Loaded resource={pages} skeleton={<InsetSkeleton lines={9} />}>
          {(page) =>
            page.items.length === 0 ? (
              <Blank icon="list" title="Nothing found">
                <p>{filtered ? "No event fits what you are looking for." : "Nothing is on record."}</p>
              </Blank>
            ) : (
              <FoldedEvents events={page.items} />
            )
          }
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
function Filter({ name, label, type = "text", value = "", onChange }: FilterProps): ReactElement {
  const { text, type: write, now } = useTyped(value, (typed) => onChange(name, typed), null);
  return (
    <div className="field">
      <label className="field__label" htmlFor={`filter-${name}`}>
        {label}
      </label>
      <input
        id={`filter-${name}`}
        className="input"
        type={type}
        value={text}
        maxLength={254}
        autoCapitalize="none"
        spellCheck={false}
        onChange={(event) => write(event.target.value)}
        onBlur={now}
        onKeyDown={(event) => {
          if (event.key === "Enter") now();
        }}
      />
    </div>
  );
}
