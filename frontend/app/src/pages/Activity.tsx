import type { ReactElement } from "react";
import { EventList } from "../components/EventList";
import { InsetSkeleton, Loaded } from "../components/Loading";
import { Page } from "../components/Page";
import { Pager } from "../components/Pager";
import { usePages } from "../lib/usePages";
import userService from "../services/userService";

const PER_PAGE = 20;

/** Everything that happened to the reader's account. */
export default function ActivityPage(): ReactElement {
  const pages = usePages("my-events", (after, signal) => userService.myEvents(PER_PAGE, after, signal));
  return (
    <Page
      title="Activity"
      lead="Sign-ins and changes to your account, the newest first. Something you don’t recognise? Change your password."
    >
      <section className="card card--flush" aria-label="Activity">
        <Loaded resource={pages} skeleton={<InsetSkeleton lines={9} />}>
          {(page) => <EventList events={page.items} />}
        </Loaded>
        <Pager pages={pages} what="events" />
      </section>
    </Page>
  );
}
