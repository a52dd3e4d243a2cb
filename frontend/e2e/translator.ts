/** What page translators do to a page: each text goes into elements of theirs, behind React's back, and so does each that comes later. */
import type { BrowserContext } from "playwright-core";

/** Translate every page of `context`: the words stay as they are, so that they are found. */
export async function translated(context: BrowserContext): Promise<void> {
  await context.addInitScript(() => {
    const LEFT = new Set(["FONT", "SCRIPT", "STYLE", "TEXTAREA", "NOSCRIPT", "TITLE"]);
    const font = (child: Node): HTMLElement => {
      const element = document.createElementNS("http://www.w3.org/1999/xhtml", "font");
      element.append(child);
      return element;
    };
    const translate = (root: Node): void => {
      const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
      const texts: Text[] = [];
      if (root instanceof Text) texts.push(root);
      while (walker.nextNode()) texts.push(walker.currentNode as Text);
      for (const text of texts) {
        const { parentElement: parent, data } = text;
        if (!parent || LEFT.has(parent.tagName) || parent.closest("svg, .notranslate, [translate=no]") || !data.trim())
          continue;
        text.replaceWith(font(font(document.createTextNode(data))));
      }
    };
    new MutationObserver((changes) => {
      for (const { type, target, addedNodes } of changes) {
        if (type === "characterData") translate(target);
        else addedNodes.forEach(translate);
      }
    }).observe(document, { subtree: true, childList: true, characterData: true });
  });
}
