/** The reader's devices. */
import api from "./api";
import type { Session } from "./types";

class SessionService {
  /** The one used last first. */
  async list(signal?: AbortSignal): Promise<Session[]> {
    return api.call("GET", "/api/sessions", { signal });
  }

  async end(id: string): Promise<void> {
    await api.call("DELETE", "/api/sessions/{session_id}", { path: { session_id: id } });
  }

  /** End all but this one. */
  async endOthers(): Promise<void> {
    await api.call("DELETE", "/api/sessions");
  }
}

export default new SessionService();
