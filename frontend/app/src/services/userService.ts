/** Everyone's accounts, for superusers. */
import type { Page } from "@latchkey/client";
import api from "./api";
import type { Explanation, NewUser, Session, User, UserChange } from "./types";

export interface UserFilter {
  limit: number;
  after: string | null;
  /** Part of an address or a name. */
  q: string | null;
  is_active: boolean | null;
  is_superuser: boolean | null;
  email_verified: boolean | null;
  sort: UserSort;
}

/** With "-" in front the other way round: the newest first. */
export type UserSort = `${"" | "-"}${"created_at" | "last_login_at" | "email"}`;

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

  /** Have the e-mail sent once more that gets a user in; answers which that is. */
  async sendLetter(id: string): Promise<string> {
    return (await api.call("POST", "/api/users/{user_id}/letter", { path: { user_id: id } })).letter;
  }

  /** What happened to a user, and what became of each session, in words. */
  async explain(id: string, signal?: AbortSignal): Promise<Explanation> {
    return api.call("GET", "/api/users/{user_id}/explanation", { path: { user_id: id }, signal });
  }

  async sessionsOf(id: string, signal?: AbortSignal): Promise<Session[]> {
    return api.call("GET", "/api/users/{user_id}/sessions", { path: { user_id: id }, signal });
  }

  async endSessionsOf(id: string): Promise<void> {
    await api.call("DELETE", "/api/users/{user_id}/sessions", { path: { user_id: id } });
  }
}

export default new UserService();
