// A file of its own, because the page's Content-Security-Policy allows no inline script.
"use strict";

const root = document.getElementById("redoc");
const fonts = { fontFamily: "system-ui, sans-serif" };

Redoc.init(
  root.dataset.document,
  {
    hideDownloadButton: false,
    nativeScrollbars: true,
    theme: { typography: { ...fonts, headings: fonts } },
  },
  root,
);
