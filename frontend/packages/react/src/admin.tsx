"use client";

/** `@latchkey/react` for administrators: loaded when somebody goes there, and in their language. */
import { useMemo, useState, type ComponentType, type ReactElement } from "react";
import { late } from "./core/late.js";
import { useSetting } from "./core/setting.js";
import { useLateTable } from "./core/spoken.js";
import type { AdminTable, AdminWords } from "./messages/admin.js";
import type { Place } from "./parts/admin/place.js";
import { Waiting } from "./parts/Waiting.js";
import { Within } from "./parts/within.js";

export type { AdminWords };
export type { Place } from "./parts/admin/place.js";

/** What we have besides English. A language of one's own says these messages in its table, as it does all others. */
const TABLES: Readonly<Partial<Record<string, () => Promise<AdminTable>>>> = {
  de: () => import("./messages/de.admin.js").then(({ deAdmin: words, deAdminEvents: events }) => ({ words, events })),
};
type Parts = typeof import("./parts/admin/index.js");

function part(pick: (parts: Parts) => ComponentType<Place>): (props: Place) => ReactElement {
  const Late = late(() =>
    import("./parts/admin/index.js").then((parts) => {
      const Picked = pick(parts);
      return function Spoken({ table, ...place }: Place & { table: AdminTable }): ReactElement {
        return (
          <parts.TableContext.Provider value={table}>
            <Picked {...place} />
          </parts.TableContext.Provider>
        );
      };
    }),
  );
  return function AdminPart(place: Place): ReactElement {
    const { moved } = useSetting();
    const [quiet] = useState(() => !moved.get());
    const within = useMemo(() => ({ tab: false, quiet }), [quiet]);
    const table = useLateTable(TABLES);
    if (!table) return <Waiting />;
    return (
      <Within.Provider value={within}>
        <Late {...place} table={table} />
      </Within.Provider>
    );
  };
}

/** Everyone's accounts: a list with search and filters, a form for new ones, a page for each. */
export const AdminUsers = part((parts) => parts.AdminUsers);
/** Everyone's security events, with filters. */
export const AdminEvents = part((parts) => parts.AdminEvents);
