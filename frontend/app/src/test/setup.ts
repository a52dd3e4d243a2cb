/** What jsdom lacks, and cleaning up after each test. */
import { cleanup } from "@testing-library/react";
import { afterEach, beforeEach, vi } from "vitest";
import { api } from "./fakeApi";

vi.mock("../services/api", async () => ({ default: (await import("./fakeApi")).api }));

HTMLDialogElement.prototype.showModal = function () {
  this.open = true;
  this.querySelector<HTMLElement>("input:not([type=hidden]), button")?.focus();
};
HTMLDialogElement.prototype.close = function () {
  this.open = false;
};

beforeEach(() => api.reset());
afterEach(cleanup);
