import { useAuth } from "@latchkey/react";
import type { ReactElement } from "react";
import { Link } from "react-router";
import { EventList } from "../components/EventList";
import { Icon } from "../components/Icon";
import { InsetSkeleton, Loaded } from "../components/Loading";
import { Page } from "../components/Page";
import { useResource } from "../lib/useResource";
import sessionService from "../services/sessionService";
import userService from "../services/userService";

/** The state of the account at a glance, and what happened last. */
export default function DashboardPage(): ReactElement {
  const { user } = useAuth();
  const sessions = useResource("sessions", (signal) => sessionService.list(signal));
  const events = useResource("my-events", (signal) => userService.myEvents(5, null, signal));
  const count = sessions.data?.length;
  return (
    <Page title={`Hello${user?.full_name ? `, ${user.full_name}` : ""}`} lead="Your account at a glance.">
      <div className="stack stack--loose">
        <div className="cards">
          <Link className="card tile" to="/devices">
            <span className="tile__icon">
              <Icon name="laptop" size={24} />
            </span>
            <span className="tile__figure">
              {count === undefined ? "…" : count === 1 ? "1 device" : `${count} devices`}
            </span>
            <span className="tile__text">signed in to your account</span>
          </Link>
          <Link className="card tile" to="/profile">
            <span className="tile__icon">
              <Icon name="mail" size={24} />
            </span>
            <span className="tile__figure">{user?.email_verified ? "Confirmed" : "Not confirmed"}</span>
            <span className="tile__text">{user?.email}</span>
          </Link>
          <Link className="card tile" to="/password">
            <span className="tile__icon">
              <Icon name="lock" size={24} />
            </span>
            <span className="tile__figure">Password</span>
            <span className="tile__text">Change it here</span>
          </Link>
        </div>
        <section className="card card--flush" aria-labelledby="latest">
          <div className="card__bar">
            <h2 id="latest">What happened last</h2>
            <Link to="/activity">All activity</Link>
          </div>
          <Loaded resource={events} skeleton={<InsetSkeleton />}>
            {(page) => <EventList events={page.items} />}
          </Loaded>
        </section>
      </div>
    </Page>
  );
}
