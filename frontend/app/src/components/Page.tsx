/** The frame of every page: its title in the tab and at the top, where the focus goes when the page changes. */
import { useOptions } from "@latchkey/react";
import { useEffect, useRef, type ReactElement, type ReactNode } from "react";
import { useLocation } from "react-router";

/** The heading. It takes the focus after a change of page, so that the keyboard and screen readers begin there. */
export function PageTitle({ children }: { children: string }): ReactElement {
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
    if (latestKey.current !== "default") heading.current?.focus();
  }, [pathname]);
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
  children: ReactNode;
}

export function Page({ title, lead, actions, children }: PageProps): ReactElement {
  return (
    <div>
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

interface CardProps {
  title: string;
  lead: ReactNode;
  children: ReactNode;
}

export function Card({ title, lead, children }: CardProps): ReactElement {
  return (
    <section className="card">
      <div className="card__head">
        <div>
          <h2>{title}</h2>
          <p className="card__lead">{lead}</p>
        </div>
      </div>
      {children}
    </section>
  );
}
