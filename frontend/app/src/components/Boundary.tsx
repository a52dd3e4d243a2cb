/** What breaks while a page is drawn breaks that page alone: a sentence and a way on in its place, never a white window. */
import { Button, MissingPart, useWords } from "@latchkey/react";
import { Component, type ReactElement, type ReactNode } from "react";
import { useLocation } from "react-router";
import { reloadOnce } from "../lib/part";
import { brokenWords } from "../words/broken";
import { en } from "../words/en";
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
  /** How often it was drawn anew. */
  turn: number;
}

/** More of that at one place isn't bad luck. */
const MOST_TURNS = 3;

/**
 * Other programs change the page behind React's back: translators, extensions. What React can't take away or put where it
 * belongs then is drawn anew, in an element that nobody has touched, and the old one goes with all that is in it.
 */
class Catch extends Component<CatchProps, CatchState> {
  override state: CatchState = { place: this.props.place, broken: null, turn: 0 };

  static getDerivedStateFromError(error: unknown): Partial<CatchState> {
    return { broken: { error } };
  }

  static getDerivedStateFromProps({ place }: CatchProps, state: CatchState): Partial<CatchState> | null {
    return place === state.place ? null : { place, broken: null };
  }

  override componentDidCatch(error: unknown): void {
    // After a deployment the new version has what is missing: one reload, by itself, finds it.
    if (!(error instanceof MissingPart && reloadOnce())) reportError(error);
    const { turn } = this.state;
    if (error instanceof DOMException && turn < MOST_TURNS) this.setState({ broken: null, turn: turn + 1 });
  }

  override render(): ReactNode {
    const { broken, turn } = this.state;
    const again = (): void => this.setState({ broken: null, turn: 0 });
    return (
      <div className="whole" key={broken ? "broken" : turn}>
        {broken ? this.props.fallback(broken.error, again) : this.props.children}
      </div>
    );
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
  const words = brokenWords();
  return (
    <main className="welcome__main" role="alert">
      <div className="card card--raised stack">
        <h1>{words.title}</h1>
        <p>{words.text}</p>
        <a className="lk-button lk-button-primary" href="/">
          {words.again}
        </a>
      </div>
    </main>
  );
}
