/** The reader's devices. */
import api from "./api";
import type { Session } from "./types";

class SessionService {
  /** The one used last first. */
  async list(signal?: AbortSignal): Promise<Session[]> {
    return (await api.get<Session[]>("/sessions", { signal })).data;
  }

  async end(id: string): Promise<void> {
    await api.delete(`/sessions/${encodeURIComponent(id)}`);
  }

  /** End all but this one. */
  async endOthers(): Promise<void> {
    await api.delete("/sessions");
  }
}

export default new SessionService();
