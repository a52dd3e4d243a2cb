/**
 * Remembers a log-out that the service hasn't heard of yet, for all tabs and after a reload.
 *
 * A script can't take the session's cookie away: until the service does, nobody may come back in by it.
 */
export class Leaving {
  private here = false; // where there is no storage, or it is denied; or no window, but many visitors

  constructor(private readonly key: string) {}

  get due(): boolean {
    try {
      return this.here || window.localStorage.getItem(this.key) !== null;
    } catch {
      return this.here;
    }
  }

  remember(): void {
    try {
      window.localStorage.setItem(this.key, "1");
    } catch {
      this.here = true;
    }
  }

  forget(): void {
    this.here = false;
    try {
      window.localStorage.removeItem(this.key);
    } catch {
      // Nothing was stored, then.
    }
  }
}
