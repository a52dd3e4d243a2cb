/** Everyone's accounts, for superusers. */
import type { Page } from "@latchkey/client";
import api from "./api";
import type { NewUser, Session, User, UserChange } from "./types";

export interface UserFilter {
  limit: number;
  after: string | null;
  /** Part of an address or a name. */
  q: string | null;
  is_active: boolean | null;
}

class UserService {
  async list(filter: UserFilter, signal?: AbortSignal): Promise<Page<User>> {
    return api.page("/api/users", { query: filter, signal });
  }

  async create(user: NewUser): Promise<User> {
    return api.call("POST", "/api/users", { body: user });
  }

  async getUserById(id: string, signal?: AbortSignal): Promise<User> {
    return api.call("GET", "/api/users/{user_id}", { path: { user_id: id }, signal });
  }

  async update(id: string, change: UserChange): Promise<User> {
    return api.call("PATCH", "/api/users/{user_id}", { path: { user_id: id }, body: change });
  }

  async remove(id: string): Promise<void> {
    await api.call("DELETE", "/api/users/{user_id}", { path: { user_id: id } });
  }

  async sessionsOf(id: string, signal?: AbortSignal): Promise<Session[]> {
    return api.call("GET", "/api/users/{user_id}/sessions", { path: { user_id: id }, signal });
  }

  async endSessionsOf(id: string): Promise<void> {
    await api.call("DELETE", "/api/users/{user_id}/sessions", { path: { user_id: id } });
  }
}

export default new UserService();
