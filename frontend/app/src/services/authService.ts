/** Logging in and out, and what the links in letters lead to. */
import api from "./api";
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

/** Who is there, besides having the mailbox. */
export type Proof = { password: string } | { new_password: string };

class AuthService {
  async login({ email, password }: LoginData): Promise<User> {
    return api.login(email, password);
  }

  /** Create an account; undefined where the service wants the address confirmed first. That doesn't log in. */
  async register(data: RegisterData): Promise<User | undefined> {
    return api.register(data);
  }

  /** Read the reader anew, for every page to see. */
  async getCurrentUser(): Promise<User> {
    return api.reload();
  }

  /** Sign out here at once; the service hears of it when it can be reached. */
  async logout(): Promise<void> {
    await api.logout();
  }

  /** End every session of the reader, this one too. Rejects, and changes nothing, when the service can't be reached. */
  async logoutEverywhere(): Promise<void> {
    await api.logout({ everywhere: true });
  }

  /** Give the password again: the session counts as fresh for a while. */
  async reauthenticate(password: string): Promise<void> {
    await api.reauthenticate(password);
  }

  /** Ask for a link that sets a new password. The answer never tells whether there is such an account. */
  async forgotPassword(email: string): Promise<void> {
    await api.open("POST", "/api/auth/password/forgot", { body: { email } });
  }

  /** Set a new password with the token of a link. That doesn't log in. */
  async resetPassword(token: string, password: string): Promise<void> {
    await api.open("POST", "/api/auth/password/reset", { body: { token, password } });
  }

  /** Confirm an address: with the password given at registration, or with one that is chosen now. */
  async verifyEmail(token: string, proof: Proof): Promise<void> {
    await api.open("POST", "/api/auth/email/verify", { body: { token, ...proof } });
  }

  async resendVerification(email: string): Promise<void> {
    await api.open("POST", "/api/auth/email/verify/resend", { body: { email } });
  }

  async confirmEmail(token: string): Promise<void> {
    await api.open("POST", "/api/auth/email/confirm", { body: { token } });
  }

  async undoEmailChange(token: string): Promise<void> {
    await api.open("POST", "/api/auth/email/undo", { body: { token } });
  }
}

export default new AuthService();
