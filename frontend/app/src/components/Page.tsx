/** The frame of every page: its title in the tab and at the top, where the focus goes when the page changes. */
import { useOptions } from "@latchkey/react";
import { useEffect, useRef, type ReactElement, type ReactNode } from "react";
import { Link, useLocation } from "react-router";
import { Icon } from "./Icon";

/**
 * The heading. It takes the focus after a change of page, so that the keyboard and screen readers begin there. `takesFocus`:
 * also when what is below it has been replaced in place, with all that could have had the focus.
 */
export function PageTitle({ children, takesFocus = false }: { children: string; takesFocus?: boolean }): ReactElement {
  const heading = useRef<HTMLHeadingElement>(null);
  const { key, pathname } = useLocation();
  const latestKey = useRef(key);
  const product = useOptions()?.name ?? "Latchkey";
  useEffect(() => {
    document.title = `${children} · ${product}`;
  }, [children, product]);
  useEffect(() => {
    latestKey.current = key;
  });
  useEffect(() => {
    // "default" is the page that the browser itself loaded: it has put the focus where it belongs. What is looked for on
    // a page is in the address too: that changes while somebody types, and takes the focus from nobody.
    if (takesFocus || latestKey.current !== "default") heading.current?.focus();
  }, [pathname, takesFocus]);
  return (
    <h1 ref={heading} tabIndex={-1}>
      {children}
    </h1>
  );
}

interface PageProps {
  title: string;
  lead?: ReactNode;
  actions?: ReactNode;
  back?: { to: string; label: string };
  narrow?: boolean;
  children: ReactNode;
}

export function Page({ title, lead, actions, back, narrow = false, children }: PageProps): ReactElement {
  return (
    <div className={narrow ? "page--narrow" : undefined}>
      {back && (
        <Link className="page__back" to={back.to}>
          <Icon name="back" size={16} />
          {back.label}
        </Link>
      )}
      <div className="page__head">
        <div>
          <PageTitle>{title}</PageTitle>
          {lead && <p className="page__lead">{lead}</p>}
        </div>
        {actions && <div className="row">{actions}</div>}
      </div>
      {children}
    </div>
  );
}

export function Card({
  title,
  lead,
  actions,
  look,
  children,
}: {
  title?: string;
  lead?: ReactNode;
  actions?: ReactNode;
  look?: "danger";
  children?: ReactNode;
}): ReactElement {
  return (
    <section className={`card${look ? ` card--${look}` : ""}`}>
      {title && (
        <div className="card__head">
          <div>
            <h2>{title}</h2>
            {lead && <p className="card__lead">{lead}</p>}
          </div>
          {actions}
        </div>
      )}
      {children}
    </section>
  );
}
