/** What breaks while a page is drawn breaks that page alone: a sentence and a way on in its place, never a white window. */
import { MissingPart, useWords } from "@latchkey/react";
import { Component, type ReactElement, type ReactNode } from "react";
import { useLocation } from "react-router";
import { reloadOnce } from "../lib/part";
import { en } from "../words/en";
import { Button } from "./Button";
import { PageTitle } from "./Page";

interface CatchProps {
  /** Another place is another page: what was broken is forgotten there. */
  place: string;
  fallback: (error: unknown, again: () => void) => ReactNode;
  children: ReactNode;
}

interface CatchState {
  place: string;
  /** What was thrown, wrapped: anything may be. */
  broken: { error: unknown } | null;
}

class Catch extends Component<CatchProps, CatchState> {
  override state: CatchState = { place: this.props.place, broken: null };

  static getDerivedStateFromError(error: unknown): Partial<CatchState> {
    return { broken: { error } };
  }

  static getDerivedStateFromProps({ place }: CatchProps, state: CatchState): CatchState | null {
    return place === state.place ? null : { place, broken: null };
  }

  override componentDidCatch(error: unknown): void {
    // After a deployment the new version has what is missing: one reload, by itself, finds it.
    if (!(error instanceof MissingPart && reloadOnce())) reportError(error);
  }

  override render(): ReactNode {
    const { broken } = this.state;
    if (!broken) return this.props.children;
    return this.props.fallback(broken.error, () => this.setState({ broken: null }));
  }
}

/** Around a page: the frame stays, and leads on. */
export function PageBoundary({ children }: { children: ReactNode }): ReactElement {
  const { pathname } = useLocation();
  return (
    <Catch place={pathname} fallback={(error, again) => <BrokenPage error={error} again={again} />}>
      {children}
    </Catch>
  );
}

function BrokenPage({ error, again }: { error: unknown; again: () => void }): ReactElement {
  const words = useWords(en);
  const missing = error instanceof MissingPart;
  return (
    <div className="stack" role="alert">
      <PageTitle>{words["app.broken"]}</PageTitle>
      <p>{missing ? words["app.brokenMissing"] : words["app.brokenText"]}</p>
      <div className="row">
        {/* What a browser could not load once, it may not try to load again before the page is loaded anew. */}
        <Button onClick={missing ? () => window.location.reload() : again}>{words.tryAgain}</Button>
      </div>
    </div>
  );
}

/** Around everything, for what breaks in the frame itself. It uses as little as there is. */
export function RootBoundary({ children }: { children: ReactNode }): ReactElement {
  return (
    <Catch place="" fallback={() => <Broken />}>
      {children}
    </Catch>
  );
}

function Broken(): ReactElement {
  return (
    <main className="welcome__main" role="alert">
      <div className="card card--raised stack">
        <h1>Something went wrong</h1>
        <p>That is our mistake. Your account is as it was.</p>
        <a className="button button--primary" href="/">
          Load the page anew
        </a>
      </div>
    </main>
  );
}
