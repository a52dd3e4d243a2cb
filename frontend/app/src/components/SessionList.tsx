/** Sessions as devices: what they are, where from, when last used. */
import type { ReactElement } from "react";
import type { Session } from "../services/types";
import { Button } from "./Button";
import { Icon } from "./Icon";
import { Blank } from "./Loading";
import { Badge } from "./Page";
import { Time } from "./Time";

interface SessionListProps {
  sessions: readonly Session[];
  /** End one; without it, the list is for looking at. */
  onEnd?: (session: Session) => void;
}

export function SessionList({ sessions, onEnd }: SessionListProps): ReactElement {
  if (sessions.length === 0) return <Blank icon="laptop" title="No devices are signed in" />;
  return (
    <ul className="list">
      {sessions.map((session) => (
        <li key={session.id} className="item">
          <span className={`item__icon${session.current ? " item__icon--accent" : ""}`}>
            <Icon name={/iOS|Android|Mobile/.test(session.device) ? "phone" : "laptop"} />
          </span>
          <div>
            <p className="item__title">
              {session.device} {session.current && <Badge look="accent">This device</Badge>}
            </p>
            <p className="item__text">
              {session.ip} · used <Time at={session.last_used_at} />
            </p>
            <p className="item__text">
              Signed in <Time at={session.created_at} as="full" /> · ends <Time at={session.expires_at} /> if not used
            </p>
          </div>
          {onEnd && (
            <span className="item__end">
              <Button
                aria-label={session.current ? "Sign out of this device" : `Sign out ${session.device}, ${session.ip}`}
                onClick={() => onEnd(session)}
              >
                Sign out
              </Button>
            </span>
          )}
        </li>
      ))}
    </ul>
  );
}
