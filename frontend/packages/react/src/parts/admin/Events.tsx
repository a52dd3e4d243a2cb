"use client";

import type { ReactElement } from "react";
import { queryOf, useEvents, type EventFilter } from "../../hooks/useAdmin.js";
import { EVENT_TYPES, eventName } from "../../messages/eventNames.js";
import { Button } from "../../ui/Button.js";
import { useClass } from "../../ui/classes.js";
import { Card, Loaded } from "../account/pieces.js";
import { FoldedEvents } from "./FoldedEvents.js";
import { useRemembered } from "./lists.js";
import { Blank, Download, Filter, Page, Pager, Select } from "./pieces.js";
import { usePlace, type Place } from "./place.js";
import { useEventNames, useWords } from "./words.js";

// More than fit on a screen: equal ones that follow each other take the room of one.
const PER_PAGE = 50;
const FILTERS = ["type", "person", "ip", "from", "to"] as const;

/** Security events of everyone, filtered; the filters and the page are in the place. */
export function AdminEvents(place: Place): ReactElement {
  const words = useWords();
  const names = useEventNames();
  const c = useClass();
  const here = usePlace(place);
  const { at, addressed, set } = here;
  const filter: EventFilter = Object.fromEntries(
    FILTERS.flatMap((name) => (here.get(name) ? [[name, here.get(name)]] : [])),
  );
  const list = useEvents(filter, PER_PAGE, here.after);
  useRemembered("events", at, addressed);
  const filtered = Object.keys(filter).length > 0;
  const types = EVENT_TYPES.map((type) => [type, eventName(type, names)] as const);
  const typed = (name: (typeof FILTERS)[number], label: string, type?: "date"): ReactElement => (
    <Filter
      name={name}
      label={label}
      type={type ?? "text"}
      value={filter[name] ?? ""}
      onChange={(value) => set({ [name]: value })}
    />
  );
  return (
    <Page
      title={words.eventList}
      lead={words.eventsLead}
      actions={<Download path="/api/admin/events.csv" query={queryOf(filter)} />}
    >
      <div role="search" className={c("filters")}>
        <Select
          label={words.event}
          value={filter.type ?? ""}
          options={[["", words.allEvents], ...types]}
          onChange={(type) => set({ type })}
        />
        {typed("person", words.person)}
        {typed("ip", words.ip)}
        {typed("from", words.from, "date")}
        {typed("to", words.to, "date")}
        {filtered && (
          <div>
            <Button onClick={here.clear}>{words.clearFilters}</Button>
          </div>
        )}
      </div>
      <Card look="flush" label={words.eventList}>
        <Loaded of={list} rows={9}>
          {list.data &&
            (list.data.items.length === 0 ? (
              <Blank title={words.nothing}>
                <p>{filtered ? words.nothingFits : words.nothingThere}</p>
              </Blank>
            ) : (
              <FoldedEvents events={list.data.items} />
            ))}
        </Loaded>
        <Pager here={here} list={list} text={words.pageOfEvents} />
      </Card>
    </Page>
  );
}
