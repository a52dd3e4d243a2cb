/** The two frames: a card in the middle for people who aren't signed in; header, navigation and page for those who are. */
import { Offline, Switched, useAuth, useOptions, UserButton, useWords } from "@latchkey/react";
import { AskToLeave } from "@latchkey/react/react-router";
import { Suspense, useEffect, useRef, useState, type ReactElement, type ReactNode } from "react";
import { Link, NavLink, Outlet, useLocation } from "react-router";
import { en } from "../words/en";
import { PageBoundary } from "./Boundary";
import { Icon, type IconName } from "./Icon";
import { LanguageSwitch } from "./LanguageSwitch";
import { Skeleton } from "./Loading";
import { ThemeSwitch } from "./ThemeSwitch";

export function Brand({ to }: { to: string }): ReactElement {
  const product = useOptions()?.name;
  return (
    <Link className="brand" to={to}>
      <span className="brand__mark">
        <Icon name="key" size={20} />
      </span>
      <span>{product ?? "Latchkey"}</span>
    </Link>
  );
}

export function WelcomeLayout({ children }: { children?: ReactNode }): ReactElement {
  return (
    <div className="welcome">
      <header className="welcome__bar">
        <Brand to="/" />
        <div className="row">
          <LanguageSwitch />
          <ThemeSwitch />
        </div>
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
  label: keyof typeof en;
  icon: IconName;
}

const OWN: readonly Entry[] = [
  { to: "/dashboard", label: "app.overview", icon: "home" },
  { to: "/profile", label: "app.profile", icon: "person" },
  { to: "/security", label: "app.security", icon: "lock" },
  { to: "/devices", label: "app.devices", icon: "laptop" },
  { to: "/activity", label: "app.activity", icon: "list" },
  { to: "/your-data", label: "app.yourData", icon: "archive" },
];

const ADMINISTRATION: readonly Entry[] = [
  { to: "/admin/users", label: "app.users", icon: "people" },
  { to: "/admin/events", label: "app.events", icon: "list" },
  { to: "/admin/statistics", label: "app.statistics", icon: "chart" },
];

export function AppLayout({ children }: { children?: ReactNode }): ReactElement {
  const { user } = useAuth();
  const words = useWords(en);
  const { pathname } = useLocation();
  // The menu of a phone is open on the page where it was opened, and so closed on the next.
  const [openOn, setOpenOn] = useState<string | null>(null);
  const open = openOn === pathname;
  const menu = useRef<HTMLDivElement>(null);

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
    <>
      <a className="skip-link" href="#main">
        {words["app.skip"]}
      </a>
      <header className="header">
        <div className="menu-button" ref={menu}>
          <button
            type="button"
            className="icon-button"
            aria-label={words["app.menu"]}
            aria-expanded={open}
            aria-controls="navigation"
            onClick={() => setOpenOn(open ? null : pathname)}
          >
            <Icon name={open ? "close" : "menu"} />
          </button>
        </div>
        <Brand to="/dashboard" />
        <div className="header__end">
          <ThemeSwitch />
          <UserButton />
        </div>
      </header>
      <div className="frame">
        <nav id="navigation" className={`nav${open ? " nav--open" : ""}`} aria-label={words["app.main"]}>
          <div className="nav__sticky">
            <Entries entries={OWN} />
            {user?.is_superuser && (
              <div>
                <p className="nav__title">{words["app.administration"]}</p>
                <Entries entries={ADMINISTRATION} />
              </div>
            )}
          </div>
        </nav>
        <main className="page" id="main" tabIndex={-1}>
          <Offline />
          <div className="page__switched">
            <Switched />
          </div>
          <PageBoundary>
            <Suspense fallback={<Skeleton lines={6} />}>{children ?? <Outlet />}</Suspense>
            <AskToLeave />
          </PageBoundary>
        </main>
      </div>
    </>
  );
}

function Entries({ entries }: { entries: readonly Entry[] }): ReactElement {
  const words = useWords(en);
  return (
    <ul>
      {entries.map(({ to, label, icon }) => (
        <li key={to}>
          <NavLink className="nav__link" to={to}>
            <Icon name={icon} />
            <span>{words[label]}</span>
          </NavLink>
        </li>
      ))}
    </ul>
  );
}
