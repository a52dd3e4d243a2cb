/** Logging in and out, and what letters lead to. */
import api, { session } from "./api";
import type { User } from "./types";

export interface LoginData {
  email: string;
  password: string;
}

export interface RegisterData {
  email: string;
  password: string;
  full_name?: string;
}

class AuthService {
  /** Find out whether there is a session from before this page was loaded. */
  async restore(): Promise<boolean> {
    if (session.state === "unknown") await session.restore();
    return session.state === "in";
  }

  /** Be told when a session begins, and when it ends and why; returns how to stop. */
  onChange(listener: (signedIn: boolean, reason: string | null) => void): () => void {
    return session.subscribe(() => listener(session.state === "in", session.reason));
  }

  /** Forget a session that is over already. */
  forget(reason: string): void {
    session.end(reason);
  }

  async login({ email, password }: LoginData): Promise<void> {
    await session.login(email, password);
  }

  /** Create an account. Null where the address has to be confirmed first: then the answer is the same whoever it is. */
  async register(data: RegisterData): Promise<User | null> {
    const { status, data: user } = await api.post<User>("/auth/register", data);
    return status === 200 ? user : null;
  }

  async getCurrentUser(signal?: AbortSignal): Promise<User> {
    return (await api.get<User>("/users/me", { signal })).data;
  }

  async logout(): Promise<void> {
    await session.logout();
  }

  /** End every session of the reader, this one too. */
  async logoutEverywhere(): Promise<void> {
    await api.post("/auth/logout-all");
    this.forget("logged_out");
  }

  /** Give the password again: the session counts as fresh for a while. */
  async reauthenticate(password: string): Promise<void> {
    await api.post("/auth/reauthenticate", { password });
  }

  /** Ask for a link that sets a new password. It never tells whether there is such an account. */
  async forgotPassword(email: string): Promise<void> {
    await api.post("/auth/password/forgot", { email });
  }

  /** Set a new password with the token of a link. It logs nobody in. */
  async resetPassword(token: string, password: string): Promise<void> {
    await api.post("/auth/password/reset", { token, password });
  }

  async verifyEmail(token: string): Promise<void> {
    await api.post("/auth/email/verify", { token });
  }

  async resendVerification(email: string): Promise<void> {
    await api.post("/auth/email/verify/resend", { email });
  }

  async confirmEmail(token: string): Promise<void> {
    await api.post("/auth/email/confirm", { token });
  }

  async undoEmailChange(token: string): Promise<void> {
    await api.post("/auth/email/undo", { token });
  }
}

export default new AuthService();
