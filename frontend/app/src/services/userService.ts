/** Users: the reader's own account, and for superusers everyone's. */
import type { Page } from "../lib/usePages";
import api, { pageOf } from "./api";
import type { SecurityEvent, Session, User } from "./types";

export interface UserUpdateData {
  full_name?: string | null;
  password?: string;
  current_password?: string;
}

export interface NewUser {
  email: string;
  password?: string;
  full_name?: string | null;
  is_superuser?: boolean;
}

export interface UserChange {
  email?: string;
  full_name?: string | null;
  password?: string;
  is_active?: boolean;
  is_superuser?: boolean;
}

export interface UserFilter {
  limit: number;
  after: string | null;
  q: string | null;
  is_active: boolean | null;
}

class UserService {
  async getMe(signal?: AbortSignal): Promise<User> {
    return (await api.get<User>("/users/me", { signal })).data;
  }

  async updateMe(data: UserUpdateData): Promise<User> {
    return (await api.put<User>("/users/me", data)).data;
  }

  /** Set a new password. `current`, when it is at hand, does where the session isn't fresh. */
  async changePassword(password: string, current?: string): Promise<User> {
    return this.updateMe(current === undefined ? { password } : { password, current_password: current });
  }

  /** Ask for another address: it changes when the link in the letter to it is used. Needs a fresh session. */
  async changeEmail(email: string): Promise<void> {
    await api.post("/users/me/email", { email });
  }

  /** Everything stored about the reader. Needs a fresh session. */
  async exportMe(): Promise<unknown> {
    return (await api.get<unknown>("/users/me/export")).data;
  }

  /** Delete the reader's account. Needs a fresh session. */
  async deleteMe(): Promise<void> {
    await api.delete("/users/me");
  }

  async myEvents(query: { limit: number; after?: string | null }, signal?: AbortSignal): Promise<Page<SecurityEvent>> {
    return pageOf(await api.get<SecurityEvent[]>("/users/me/events", { query, signal }));
  }

  async list(filter: UserFilter, signal?: AbortSignal): Promise<Page<User>> {
    return pageOf(await api.get<User[]>("/users", { query: { ...filter }, signal }));
  }

  async create(user: NewUser): Promise<User> {
    return (await api.post<User>("/users", user)).data;
  }

  async getUserById(id: string, signal?: AbortSignal): Promise<User> {
    return (await api.get<User>(`/users/${encodeURIComponent(id)}`, { signal })).data;
  }

  async update(id: string, change: UserChange): Promise<User> {
    return (await api.put<User>(`/users/${encodeURIComponent(id)}`, change)).data;
  }

  async remove(id: string): Promise<void> {
    await api.delete(`/users/${encodeURIComponent(id)}`);
  }

  async sessionsOf(id: string, signal?: AbortSignal): Promise<Session[]> {
    return (await api.get<Session[]>(`/users/${encodeURIComponent(id)}/sessions`, { signal })).data;
  }

  async endSessionsOf(id: string): Promise<void> {
    await api.delete(`/users/${encodeURIComponent(id)}/sessions`);
  }
}

export default new UserService();
