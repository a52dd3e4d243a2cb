/** The two frames: a card in the middle for people who aren't signed in; header, navigation and page for those who are. */
import { Offline, useAuth, useLatchkey, useOptions } from "@latchkey/react";
import { Suspense, useEffect, useRef, useState, type ReactElement, type ReactNode } from "react";
import { Link, NavLink, Outlet, useLocation } from "react-router";
import { StepUpProvider } from "../contexts/StepUpContext";
import { useSubmit } from "../lib/useSubmit";
import { PageBoundary } from "./Boundary";
import { Button } from "./Button";
import { Icon, type IconName } from "./Icon";
import { LeaveGuard } from "./LeaveGuard";
import { Skeleton } from "./Loading";
import { Notice } from "./Notice";
import { ThemeSwitch } from "./ThemeSwitch";

export function Brand({ to }: { to: string }): ReactElement {
  const product = useOptions()?.name;
  return (
    <Link className="brand" to={to}>
      <span className="brand__mark">
        <Icon name="key" size={20} />
      </span>
      {product ?? "Latchkey"}
    </Link>
  );
}

export function WelcomeLayout({ children }: { children?: ReactNode }): ReactElement {
  return (
    <div className="welcome">
      <header className="welcome__bar">
        <Brand to="/" />
        <ThemeSwitch />
      </header>
      <main className="welcome__main" id="main">
        <div className="card card--raised">
          <PageBoundary>{children ?? <Outlet />}</PageBoundary>
        </div>
      </main>
    </div>
  );
}

interface Entry {
  to: string;
  label: string;
  icon: IconName;
}

const OWN: readonly Entry[] = [
  { to: "/dashboard", label: "Overview", icon: "home" },
  { to: "/profile", label: "Profile", icon: "person" },
  { to: "/password", label: "Password", icon: "lock" },
  { to: "/devices", label: "Devices", icon: "laptop" },
  { to: "/activity", label: "Activity", icon: "list" },
  { to: "/your-data", label: "Your data", icon: "archive" },
];

const ADMINISTRATION: readonly Entry[] = [
  { to: "/admin/users", label: "Users", icon: "people" },
  { to: "/admin/events", label: "Events", icon: "list" },
  { to: "/admin/statistics", label: "Statistics", icon: "chart" },
];

export function AppLayout({ children }: { children?: ReactNode }): ReactElement {
  const { user } = useAuth();
  const client = useLatchkey();
  const { pathname } = useLocation();
  // The menu of a phone is open on the page where it was opened, and so closed on the next.
  const [openOn, setOpenOn] = useState<string | null>(null);
  const open = openOn === pathname;
  const menu = useRef<HTMLDivElement>(null);
  const signOut = useSubmit(async () => {
    await client.logout();
  });

  useEffect(() => {
    if (!open) return undefined;
    const closeOnEscape = (event: KeyboardEvent): void => {
      if (event.key !== "Escape") return;
      setOpenOn(null);
      menu.current?.querySelector("button")?.focus();
    };
    document.addEventListener("keydown", closeOnEscape);
    return () => document.removeEventListener("keydown", closeOnEscape);
  }, [open]);

  return (
    <StepUpProvider>
      <a className="skip-link" href="#main">
        Skip to the page
      </a>
      <header className="header">
        <div className="menu-button" ref={menu}>
          <Button
            look="icon"
            aria-label="Menu"
            aria-expanded={open}
            aria-controls="navigation"
            onClick={() => setOpenOn(open ? null : pathname)}
          >
            <Icon name={open ? "close" : "menu"} />
          </Button>
        </div>
        <Brand to="/dashboard" />
        <div className="header__end">
          <span className="header__who">{user?.email}</span>
          <ThemeSwitch />
          <Button look="quiet" busy={signOut.busy} onClick={() => signOut.submit()}>
            Sign out
          </Button>
        </div>
      </header>
      <div className="frame">
        <nav id="navigation" className={`nav${open ? " nav--open" : ""}`} aria-label="Main">
          <div className="nav__sticky">
            <Entries entries={OWN} />
            {user?.is_superuser && (
              <div>
                <p className="nav__title">Administration</p>
                <Entries entries={ADMINISTRATION} />
              </div>
            )}
          </div>
        </nav>
        <main className="page" id="main" tabIndex={-1}>
          <Offline />
          <Switched />
          <PageBoundary>
            <LeaveGuard>
              <Suspense fallback={<Skeleton lines={6} />}>{children ?? <Outlet />}</Suspense>
            </LeaveGuard>
          </PageBoundary>
        </main>
      </div>
    </StepUpProvider>
  );
}

/** Says who the reader is now, where it was somebody else a moment ago. */
function Switched(): ReactElement | null {
  const { user, session, switched } = useAuth();
  const [read, setRead] = useState<string | null>(null);
  if (!user || !switched || read === session) return null;
  return (
    <div className="page__switched">
      <Notice look="warning" title={`You are signed in as ${user.email} now`}>
        <p>Somebody has logged in with this account in another tab of this browser.</p>
        <div className="notice__actions">
          <Button onClick={() => setRead(session)}>All right</Button>
        </div>
      </Notice>
    </div>
  );
}

function Entries({ entries }: { entries: readonly Entry[] }): ReactElement {
  return (
    <ul>
      {entries.map(({ to, label, icon }) => (
        <li key={to}>
          <NavLink className="nav__link" to={to}>
            <Icon name={icon} />
            {label}
          </NavLink>
        </li>
      ))}
    </ul>
  );
}
