/** What jsdom lacks, and cleaning up after each test. */
import { cleanup, configure } from "@testing-library/react";
import { afterEach } from "vitest";
import { stops } from "./service.js";

// A machine with other things to do is slow, and nothing is wrong with that.
configure({ asyncUtilTimeout: 10_000 });

HTMLDialogElement.prototype.showModal = function () {
  this.open = true;
};
HTMLDialogElement.prototype.close = function () {
  this.open = false;
};

afterEach(() => {
  for (const stop of stops.splice(0)) stop();
  cleanup();
  sessionStorage.clear();
  localStorage.clear();
  window.history.replaceState(null, "", "/");
});
