import { fill, LatestActivity, useAuth, useDevices, useWords } from "@latchkey/react";
import type { ReactElement, ReactNode } from "react";
import { Link } from "react-router";
import { Icon, type IconName } from "../components/Icon";
import { Page } from "../components/Page";
import { en } from "../words/en";

/** The state of the account at a glance, and what happened last. */
export default function DashboardPage(): ReactElement {
  const { user } = useAuth();
  const words = useWords(en);
  const count = useDevices().devices?.length;
  const name = user?.full_name;
  return (
    <Page title={name ? fill(words["app.helloName"], { name }) : words["app.hello"]} lead={words["app.glance"]}>
      <div className="stack stack--loose">
        <div className="cards">
          <Tile to="/devices" icon="laptop" text={words["app.devicesText"]}>
            {count === undefined
              ? "…"
              : count === 1
                ? words["app.oneDevice"]
                : fill(words["app.manyDevices"], { count })}
          </Tile>
          <Tile to="/profile" icon="mail" text={user?.email}>
            {user?.email_verified ? words["app.confirmed"] : words["app.unconfirmed"]}
          </Tile>
          <Tile to="/security" icon="lock" text={words["app.securityText"]}>
            {words["app.security"]}
          </Tile>
        </div>
        <section className="card card--flush" aria-labelledby="latest">
          <div className="card__bar">
            <h2 id="latest">{words["app.latest"]}</h2>
            <Link className="tall" to="/activity">
              {words["app.allActivity"]}
            </Link>
          </div>
          <LatestActivity />
        </section>
      </div>
    </Page>
  );
}

interface TileProps {
  to: string;
  icon: IconName;
  text: string | undefined;
  children: ReactNode;
}

function Tile({ to, icon, text, children }: TileProps): ReactElement {
  return (
    <Link className="card tile" to={to}>
      <span className="tile__icon">
        <Icon name={icon} size={24} />
      </span>
      <span className="tile__figure">{children}</span>
      <span className="tile__text">{text}</span>
    </Link>
  );
}
