import type { ReactElement } from "react";
import { Link } from "react-router";
import { PageTitle } from "../components/Page";

export default function NotFoundPage(): ReactElement {
  return (
    <div className="stack">
      <PageTitle>There is nothing here</PageTitle>
      <p>The address is wrong, or the page has gone.</p>
      <p>
        <Link to="/">To the start page</Link>
      </p>
    </div>
  );
}
