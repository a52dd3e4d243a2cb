/** Puts the application into the page. */
import { StrictMode, type ReactElement } from "react";
import { createRoot } from "react-dom/client";
import { lastWords } from "./lastWords";

/** Draw `whole` in `root`, whatever becomes of it: the page is never left empty. Returns how to take it out again. */
export function mount(root: Element, whole: ReactElement): () => void {
  const onUncaughtError = (error: unknown): void => {
    reportError(error);
    // No boundary could hold it: to take away what others have moved fails in the boundaries, too.
    lastWords(root);
  };
  const react = createRoot(root, { onUncaughtError });
  react.render(<StrictMode>{whole}</StrictMode>);
  return () => react.unmount();
}
