// The search. Its index is a script, loaded when it is first wanted: a page that was opened from a disk may read no other file.
"use strict";

(() => {
  const MOST = 30;
  const root = document.body.dataset.root;
  const form = document.querySelector("#search");
  const query = document.querySelector("#query");
  const found = document.querySelector("#found");
  const places = document.querySelector("#places");
  const results = document.querySelector("#results");
  let loading = null;
  let entries = [];

  form.hidden = false;
  const menu = document.querySelector("nav details");
  if (matchMedia("(width < 48rem)").matches) menu.open = false;

  const plain = (text) =>
    text
      .toLowerCase()
      .normalize("NFD")
      .replace(/\p{M}/gu, "");

  function load() {
    loading ??= new Promise((resolve, reject) => {
      const script = document.createElement("script");
      script.src = `${root}search-index.js`;
      script.onload = resolve;
      script.onerror = reject;
      document.head.append(script);
    }).then(() => {
      entries = globalThis.latchkeyIndex.map((entry) => ({
        ...entry,
        title: plain(`${entry.page} ${entry.heading}`),
        body: plain(entry.text),
      }));
    });
    return loading;
  }

  /** How well an entry answers: every word has to be in it; in a heading, and where a word begins, it counts more. */
  function score(entry, words) {
    let sum = 0;
    for (const word of words) {
      const title = weight(entry.title, word) * 12;
      const body = weight(entry.body, word);
      if (title + body === 0) return 0;
      sum += title + body;
    }
    return sum;
  }

  function weight(text, word) {
    const at = text.indexOf(word);
    if (at < 0) return 0;
    const begins = at === 0 || !/[\p{L}\p{N}]/u.test(text[at - 1]);
    const times = Math.min(text.split(word).length - 1, 8);
    return (begins ? 2 : 1) + Math.log2(times) / 2;
  }

  /** The text round the first of the words, with each of them marked. */
  function excerpt(entry, words) {
    const text = entry.text;
    const low = plain(text);
    const first = Math.max(0, Math.min(...words.map((word) => low.indexOf(word)).filter((at) => at >= 0)));
    const from = Number.isFinite(first) ? Math.max(0, first - 60) : 0;
    const piece = text.slice(from, from + 200);
    const part = document.createElement("p");
    if (from > 0) part.append("…");
    // Only where taking accents off changed no length do places agree.
    const marks = low.length === text.length ? words : [];
    let rest = piece;
    while (rest) {
      const lower = plain(rest);
      const next = marks
        .map((word) => ({ word, at: lower.indexOf(word) }))
        .filter(({ at }) => at >= 0)
        .sort((one, other) => one.at - other.at)[0];
      if (!next) break;
      const mark = document.createElement("mark");
      mark.textContent = rest.slice(next.at, next.at + next.word.length);
      part.append(rest.slice(0, next.at), mark);
      rest = rest.slice(next.at + next.word.length);
    }
    part.append(rest, "…");
    return part;
  }

  function shown(entry, words) {
    const item = document.createElement("li");
    const link = document.createElement("a");
    link.href = root + entry.url;
    link.textContent = entry.heading ? `${entry.page}: ${entry.heading}` : entry.page;
    link.addEventListener("click", close);
    item.append(link, excerpt(entry, words));
    return item;
  }

  function close() {
    places.hidden = true;
    found.textContent = "";
  }

  async function search() {
    const words = plain(query.value).split(/\s+/).filter(Boolean);
    if (words.length === 0) return close();
    try {
      await load();
    } catch {
      found.textContent = "The index is missing";
      return;
    }
    const best = entries
      .map((entry) => ({ entry, score: score(entry, words) }))
      .filter(({ score }) => score > 0)
      .sort((one, other) => other.score - one.score);
    results.replaceChildren(...best.slice(0, MOST).map(({ entry }) => shown(entry, words)));
    places.hidden = best.length === 0;
    found.textContent = best.length === 1 ? "1 place" : `${best.length || "No"} places`;
  }

  query.addEventListener("focus", () => void load().catch(() => undefined));
  query.addEventListener("input", () => void search());
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    results.querySelector("a")?.focus();
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && !places.hidden) {
      query.value = "";
      close();
      query.focus();
    }
    const typing = event.target instanceof HTMLInputElement;
    if (event.key === "/" && !typing && !event.ctrlKey && !event.metaKey && !event.altKey) {
      event.preventDefault();
      query.focus();
    }
  });
})();
