import { Link, Part, Title, useWords } from "@latchkey/react";
import type { ReactElement } from "react";
import { en } from "../words/en";

/** In the place of a page that isn't there: the address stays as it is. */
export default function NotFoundPage(): ReactElement {
  const words = useWords(en);
  return (
    <Part>
      <Title>{words["app.nothing"]}</Title>
      <p>{words["app.nothingText"]}</p>
      <p>
        <Link to="/">{words["app.start"]}</Link>
      </p>
    </Part>
  );
}
