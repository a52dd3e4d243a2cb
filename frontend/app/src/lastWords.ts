/** What is said when React itself has given up, and has taken the page away. */
import { brokenWords } from "./words/broken";

/** Say it, and lead on, in the place of `root`: what React has lost track of may be in there still. */
export function lastWords(root: Element): void {
  const words = brokenWords();
  const again = made("a", "lk-button lk-button-primary", words.again);
  again.setAttribute("href", "/");
  const page = made(
    "main",
    "welcome__main",
    made("div", "card card--raised stack", made("h1", "", words.title), made("p", "", words.text), again),
  );
  page.setAttribute("role", "alert");
  root.replaceWith(page);
}

function made(tag: string, className: string, ...inside: (Node | string)[]): HTMLElement {
  const element = document.createElement(tag);
  element.className = className;
  element.append(...inside);
  return element;
}
