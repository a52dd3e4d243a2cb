/** Events that say the same and follow each other, as one. */
import type { AdminEvent } from "../../hooks/useAdmin.js";

export interface Fold {
  newest: AdminEvent;
  /** All of them, the newest first. */
  all: readonly AdminEvent[];
}

/** Put neighbours together that only differ in when they were: the same thing, of the same people, from the same place. */
export function fold(events: readonly AdminEvent[]): readonly Fold[] {
  const folds: { newest: AdminEvent; all: AdminEvent[] }[] = [];
  for (const event of events) {
    const last = folds.at(-1);
    if (last && sameOf(last.newest) === sameOf(event)) last.all.push(event);
    else folds.push({ newest: event, all: [event] });
  }
  return folds;
}

function sameOf({ type, user_id, actor_id, ip, user_agent }: AdminEvent): string {
  return JSON.stringify([type, user_id, actor_id, ip, user_agent]);
}
