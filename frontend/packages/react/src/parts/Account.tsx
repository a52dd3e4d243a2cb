"use client";

/** The parts for whoever is signed in: loaded when they are needed, all of them at once. */
import { useMemo, useState, type ComponentType, type ReactElement } from "react";
import { late } from "../core/late.js";
import { useSetting } from "../core/setting.js";
import type { AccountProps } from "./account/Account.js";
import { Within } from "./within.js";

export type { AccountProps, AccountSection } from "./account/Account.js";

type Parts = typeof import("./account/index.js");

function part<P extends object = object>(pick: (parts: Parts) => ComponentType<P>): (props: P) => ReactElement {
  const Late = late(() => import("./account/index.js").then(pick));
  return function AccountPart(props: P): ReactElement {
    const { moved } = useSetting();
    const [quiet] = useState(() => !moved.get());
    const within = useMemo(() => ({ tab: false, quiet }), [quiet]);
    return (
      <Within.Provider value={within}>
        <Late {...props} />
      </Within.Provider>
    );
  };
}

/** Everything about one's own account, in tabs. */
export const Account = part<AccountProps>((parts) => parts.Account);
/** The reader's name and address. */
export const Profile = part((parts) => parts.Profile);
/** How the reader proves that it is them: every way that the service has, also those of a later version. */
export const Security = part((parts) => parts.Security);
/** A new password. */
export const Password = part((parts) => parts.Password);
/** The devices that are logged in. */
export const Devices = part((parts) => parts.Devices);
/** What happened to the account. */
export const Activity = part((parts) => parts.Activity);
/** Take a copy of everything, or have the account deleted. */
export const YourData = part((parts) => parts.YourData);
/** What happened last, without a heading: for a start page. */
export const LatestActivity = part<{ count?: number }>((parts) => parts.LatestActivity);
