/** What jsdom lacks, and cleaning up after each test. */
import { cleanup, configure } from "@testing-library/react";
import { afterEach, beforeEach, vi } from "vitest";
import { api } from "./fakeApi";

vi.mock("../services/api", async () => ({ default: (await import("./fakeApi")).api }));

// A machine with other things to do is slow, and nothing is wrong with that.
configure({ asyncUtilTimeout: 10_000 });

HTMLDialogElement.prototype.showModal = function () {
  this.open = true;
  this.querySelector<HTMLElement>("input:not([type=hidden]), button")?.focus();
};
HTMLDialogElement.prototype.close = function () {
  this.open = false;
};

beforeEach(() => api.reset());
afterEach(cleanup);
