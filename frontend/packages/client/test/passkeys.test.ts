import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import {
  autofill,
  isCancelled,
  loginByPasskey,
  passkeysAvailable,
  reauthenticateByPasskey,
  registerPasskey,
  removePasskey,
  secondFactorByPasskey,
} from "../src/passkeys.js";
import { ada, createTestClient, noNetwork, problem, type Answers } from "../src/testing.js";

const OPTIONS = { challenge: "AQID", rpId: "example.com", timeout: 300_000, userVerification: "required" as const };
const CREATION = {
  rp: { id: "example.com", name: "Latchkey" },
  user: { id: "_-8", name: "ada@example.com", displayName: "Ada" },
  challenge: "AQID",
  pubKeyCredParams: [{ type: "public-key" as const, alg: -7 }],
  timeout: 300_000,
  excludeCredentials: [{ type: "public-key" as const, id: "BAUG", transports: ["internal"] }],
  authenticatorSelection: { residentKey: "preferred" as const, userVerification: "preferred" as const },
  attestation: "none" as const,
  extensions: { credProps: true as const },
};
const PASSKEY = { id: "p1", name: "Phone", created_at: "2026-01-05T09:00:00Z", last_used_at: null };
const buffer = (...bytes: number[]): ArrayBuffer => new Uint8Array(bytes).buffer;
const refusal = (name: string): DOMException => new DOMException("no", name);
const SHOWN = {
  rawId: "BAUG",
  type: "public-key",
  response: { clientDataJSON: "AQ", authenticatorData: "Ag", signature: "Aw", userHandle: "_-8" },
};

/** What an authenticator shows, without the JSON that newer browsers make of it. */
const shown = {
  id: "BAUG",
  rawId: buffer(4, 5, 6),
  type: "public-key",
  response: {
    clientDataJSON: buffer(1),
    authenticatorData: buffer(2),
    signature: buffer(3),
    userHandle: buffer(255, 239),
  },
  getClientExtensionResults: () => ({}),
};
const made = {
  ...shown,
  response: { clientDataJSON: buffer(1), attestationObject: buffer(2), getTransports: () => ["internal"] },
};

type Get = (asked: CredentialRequestOptions) => Promise<unknown>;
const get = vi.fn<Get>();
const create = vi.fn<(asked: CredentialCreationOptions) => Promise<unknown>>();
/** What a browser does that waits for somebody. */
const waits: Get = ({ signal }) =>
  new Promise((_, reject) => signal?.addEventListener("abort", () => reject(refusal("AbortError"))));

function browser(statics: object = {}): void {
  vi.stubGlobal("PublicKeyCredential", { ...statics });
}

beforeEach(() => {
  get.mockReset().mockResolvedValue(shown);
  create.mockReset().mockResolvedValue(made);
  vi.stubGlobal("navigator", { credentials: { get, create } });
  vi.stubGlobal("document", Object.assign(new EventTarget(), { visibilityState: "visible" }));
  vi.stubGlobal("location", { origin: "https://app.example.com" });
  browser();
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

const client = (answers: Answers = {}, user: object | null = null) =>
  createTestClient({ user, answers: { "POST /api/auth/passkeys/options": OPTIONS, ...answers } });

describe("a passkey", () => {
  it("logs in, also where the browser has no JSON of its own", async () => {
    const test = client();
    await loginByPasskey(test);
    expect(test.getState().status).toBe("signed_in");
    expect(test.askedFor("POST /api/auth/passkeys")[0]?.body).toEqual({
      credential: { id: "BAUG", ...SHOWN, clientExtensionResults: {} },
    });
    expect(get.mock.calls[0]?.[0].publicKey).toMatchObject({
      challenge: new Uint8Array([1, 2, 3]),
      rpId: "example.com",
      allowCredentials: [],
    });
  });

  it("is left to the browser's own JSON, unless that fails", async () => {
    browser({ parseRequestOptionsFromJSON: (given: object) => ({ parsed: given }) });
    get.mockResolvedValueOnce({ ...shown, toJSON: () => SHOWN });
    const test = client();
    await loginByPasskey(test);
    expect(get.mock.calls[0]?.[0].publicKey).toEqual({ parsed: OPTIONS });
    expect(test.askedFor("POST /api/auth/passkeys")[0]?.body).toEqual({ credential: SHOWN });
  });

  it("is the second step of a log-in, and shown again in a session", async () => {
    const asks = { ...OPTIONS, allowCredentials: CREATION.excludeCredentials };
    const test = client({
      "POST /api/auth/second-factor/options": asks,
      "POST /api/auth/reauthenticate/options": asks,
    });
    await secondFactorByPasskey(test, "lkc_1", { trustDevice: true });
    expect(test.askedFor("POST /api/auth/second-factor/options")[0]?.body).toEqual({ challenge: "lkc_1" });
    expect(test.askedFor("POST /api/auth/second-factor")[0]?.body).toMatchObject({
      challenge: "lkc_1",
      trust_device: true,
      passkey: SHOWN,
    });
    expect(get.mock.calls[0]?.[0].publicKey?.allowCredentials?.[0]?.id).toEqual(new Uint8Array([4, 5, 6]));
    await reauthenticateByPasskey(test);
    expect(test.askedFor("POST /api/auth/reauthenticate")[0]?.body).toMatchObject({ passkey: SHOWN });
  });

  it("is set up, named, and known by its bytes", async () => {
    const test = client(
      {
        "POST /api/users/me/factors/passkeys/options": CREATION,
        "POST /api/users/me/factors/passkeys": { ...PASSKEY, synced: true, suspended_at: null },
      },
      {},
    );
    expect((await registerPasskey(test, { name: "Phone" })).id).toBe("p1");
    expect(create.mock.calls[0]?.[0].publicKey?.user.id).toEqual(new Uint8Array([255, 239]));
    expect(test.askedFor("POST /api/users/me/factors/passkeys")[0]?.body).toMatchObject({
      name: "Phone",
      end_other_sessions: false,
      credential: {
        rawId: "BAUG",
        response: { clientDataJSON: "AQ", attestationObject: "Ag", transports: ["internal"] },
      },
    });
  });

  it("that is called off, there already, or of another domain says so", async () => {
    const test = client({ "POST /api/users/me/factors/passkeys/options": CREATION }, {});
    get.mockRejectedValueOnce(refusal("NotAllowedError"));
    const cancelled: unknown = await loginByPasskey(test).catch((error: unknown) => error);
    expect(isCancelled(cancelled)).toBe(true);
    create.mockRejectedValueOnce(refusal("InvalidStateError"));
    await expect(registerPasskey(test)).rejects.toMatchObject({ code: "passkey_exists" });
    const said = vi.spyOn(console, "error").mockImplementation(() => undefined);
    get.mockRejectedValueOnce(refusal("SecurityError"));
    await expect(loginByPasskey(test)).rejects.toMatchObject({ code: "passkey_failed" });
    expect(said.mock.calls[0]?.[0]).toContain("https://app.example.com may not use the passkeys of example.com");
    get.mockRejectedValueOnce(new TypeError("ours"));
    await expect(loginByPasskey(test)).rejects.toBeInstanceOf(TypeError);
  });

  it("that the service has no more is told to whoever keeps it; after a removal, which there are", async () => {
    const signalUnknownCredential = vi.fn(() => Promise.reject(new Error("not here")));
    const signalAllAcceptedCredentials = vi.fn(() => Promise.resolve());
    browser({ signalUnknownCredential, signalAllAcceptedCredentials });
    const test = client({ "POST /api/auth/passkeys": problem(400, "invalid_passkey") });
    await expect(loginByPasskey(test)).rejects.toMatchObject({ code: "invalid_passkey" });
    expect(signalUnknownCredential).not.toHaveBeenCalled(); // it may be good: too late, or not verified
    test.answer({ "POST /api/auth/passkeys": problem(400, "invalid_passkey", { unknown_credential: true }) });
    await expect(loginByPasskey(test)).rejects.toMatchObject({ code: "invalid_passkey" });
    expect(signalUnknownCredential).toHaveBeenCalledWith({ rpId: "example.com", credentialId: "BAUG" });

    test.signIn();
    let there = ["BAUG", "CQ"];
    test.answer({
      "POST /api/auth/reauthenticate/options": () =>
        there.length > 0
          ? { ...OPTIONS, allowCredentials: there.map((id) => ({ type: "public-key" as const, id, transports: [] })) }
          : problem(404, "not_found")(),
      "DELETE /api/users/me/factors/passkeys/{passkey_id}": () => {
        there = there.slice(1);
        return undefined;
      },
    });
    await removePasskey(test, "p1");
    await removePasskey(test, "p2");
    const handle = Buffer.from(ada.id.replace(/-/g, ""), "hex").toString("base64url");
    expect(signalAllAcceptedCredentials.mock.calls).toEqual([
      [{ rpId: "example.com", userId: handle, allAcceptedCredentialIds: ["CQ"] }],
      [{ rpId: "example.com", userId: handle, allAcceptedCredentialIds: [] }],
    ]);
  });

  it("isn't known to every browser", () => {
    expect(passkeysAvailable()).toBe(true);
    vi.stubGlobal("PublicKeyCredential", undefined);
    expect(passkeysAvailable()).toBe(false);
    autofill(client())();
  });
});

describe("what a field offers", () => {
  const conditional = { isConditionalMediationAvailable: () => Promise.resolve(true) };

  it("logs in with what is picked, after what was refused or failed", async () => {
    browser(conditional);
    const test = client({ "POST /api/auth/passkeys": problem(400, "invalid_passkey") });
    const told = vi.fn();
    const stop = autofill(test, {
      around: (login) =>
        login().catch((error: unknown) => {
          told(error);
          test.answer({ "POST /api/auth/passkeys": undefined });
        }),
    });
    await vi.waitFor(() => expect(test.getState().status).toBe("signed_in"), { timeout: 30_000 });
    expect(told).toHaveBeenCalledOnce();
    expect(get.mock.calls.map(([asked]) => asked.mediation)).toEqual(["conditional", "conditional"]);
    stop();
  });

  it("has its challenge renewed at three quarters of its life, not while nobody looks, and ends when it is told to", async () => {
    vi.useFakeTimers();
    browser(conditional);
    get.mockImplementation(waits);
    const test = client();
    const asked = () => test.askedFor("POST /api/auth/passkeys/options").length;
    const stop = autofill(test);
    await vi.advanceTimersByTimeAsync(224_000);
    expect(asked()).toBe(1);
    await vi.advanceTimersByTimeAsync(2_000);
    expect(asked()).toBe(2);
    Object.assign(document, { visibilityState: "hidden" });
    await vi.advanceTimersByTimeAsync(3_600_000);
    expect(asked()).toBe(2);
    Object.assign(document, { visibilityState: "visible" });
    document.dispatchEvent(new Event("visibilitychange"));
    await vi.advanceTimersByTimeAsync(0);
    expect(asked()).toBe(3);
    // The computer slept, and its timers with it.
    vi.setSystemTime(Date.now() + 3_600_000);
    document.dispatchEvent(new Event("visibilitychange"));
    await vi.advanceTimersByTimeAsync(0);
    expect(asked()).toBe(4);
    stop();
    await vi.advanceTimersByTimeAsync(3_600_000);
    expect(asked()).toBe(4);
    expect(get.mock.calls.every(([{ signal }]) => signal?.aborted)).toBe(true);
  });

  it("gives way to every other question, and comes back after it", async () => {
    browser(conditional);
    get.mockImplementation(waits);
    const test = client();
    const stop = autofill(test);
    await vi.waitFor(() => expect(get).toHaveBeenCalledOnce());
    let close: (reason: Error) => void = () => undefined;
    get.mockImplementationOnce(() => new Promise((_, reject) => (close = reject)));
    const login = loginByPasskey(test);
    await vi.waitFor(() => expect(get).toHaveBeenCalledTimes(2));
    expect(get.mock.calls[0]?.[0].signal?.aborted).toBe(true);
    expect(get.mock.calls[1]?.[0].mediation).toBeUndefined();
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(get).toHaveBeenCalledTimes(2); // one question at a time
    close(refusal("NotAllowedError"));
    await expect(login).rejects.toMatchObject({ code: "passkey_cancelled" });
    await vi.waitFor(() => expect(get).toHaveBeenCalledTimes(3));
    expect(get.mock.calls[2]?.[0].mediation).toBe("conditional");
    stop();
  });

  it("is in nobody's way, where its end isn't heard", async () => {
    browser(conditional);
    get.mockImplementationOnce(() => new Promise(() => undefined));
    const test = client();
    const stop = autofill(test);
    await vi.waitFor(() => expect(get).toHaveBeenCalledOnce());
    await loginByPasskey(test);
    expect(test.getState().status).toBe("signed_in");
    stop();
  });

  it("waits while the service is away, and is given up where browsers can't", async () => {
    vi.useFakeTimers();
    const test = client({ "POST /api/auth/passkeys/options": noNetwork });
    const asked = () => test.askedFor("POST /api/auth/passkeys/options").length;
    autofill(test)();
    autofill(test);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(asked()).toBe(0);
    browser(conditional);
    const stop = autofill(test);
    await vi.advanceTimersByTimeAsync(3_500);
    expect(asked()).toBe(3); // at once, after one second, after two more
    test.answer({ "POST /api/auth/passkeys/options": problem(404, "not_found") });
    await vi.advanceTimersByTimeAsync(3_600_000);
    expect(asked()).toBe(4);
    stop();
  });
});
