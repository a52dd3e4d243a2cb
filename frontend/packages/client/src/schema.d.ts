// Made from docs/openapi.json by "npm run schema". Do not edit.
export interface paths {
    "/.well-known/jwks.json": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The public signing keys
         * @description Other services verify access tokens with these, offline. Cache them; look again for an unknown `kid`.
         */
        get: operations["jwks"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/.well-known/webauthn": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Which other sites may use these passkeys
         * @description For browsers, at the domain that passkeys are bound to: the front ends on other domains.
         */
        get: operations["related_origins"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/admin/events": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Security events of all users, newest first
         * @description Superusers only.
         */
        get: operations["list_events"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/admin/events.csv": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Download security events of all users, newest first
         * @description Superusers only. As CSV (RFC 4180), UTF-8; no cell is a formula to a spreadsheet, and `detail` is JSON. An event says who took it. A file that isn't whole ends with the connection.
         */
        get: operations["download_events"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/admin/statistics": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Read the numbers by hour or day
         * @description Superusers only. Written about once a minute; a day's `sessions.active` is that of its busiest hour.
         */
        get: operations["read_statistics"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/auth/check": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Is the token good?
         * @description For a proxy in front of another service (nginx's `auth_request`, `forwardAuth`, `forward_auth`): the session's own check, with a status and two headers for an answer.
         */
        get: operations["check"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/auth/cookie": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Whether the cookie was kept
         * @description For a page that has just logged in, in cookie mode: the user may have blocked cookies, or the page isn't secure. It says nothing about whether the session lives.
         */
        get: operations["cookie"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/auth/device": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Bind a session to its browser's key
         * @description Browsers that know Device Bound Session Credentials call it by themselves: no page does.
         */
        post: operations["register_device"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/auth/device/proof": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Prove that a browser has its session's key
         * @description Browsers that know Device Bound Session Credentials call it by themselves: no page does. Without a proof, or with one over an old challenge, it is told what to sign.
         */
        post: operations["prove_device"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/auth/email": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Whether one can log in by mail
         * @description For the log-in page. All false where `EMAIL_SIGN_IN` is `off`: then the other calls are 404.
         */
        get: operations["offer"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/auth/email/confirm": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Confirm another address with a link's token
         * @description The old address gets a notice, with a link that takes the change back.
         */
        post: operations["confirm_email"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/auth/email/finish": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Log in with a code or a link
         * @description A code works with the `challenge` of the browser that asked, a link wherever it is pressed; one of them, once. The same again within a minute gives the same session. Five wrong codes end the log-in.
         */
        post: operations["finish"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/auth/email/look": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Look at a link before it is pressed
         * @description Who asked for it, for the page that it leads to. It uses nothing up.
         */
        post: operations["look"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/auth/email/start": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Ask for a letter to log in with
         * @description Always 202: the answer doesn't tell whether the address has an account. To one address a letter goes at most once a minute, and five times an hour. 404 where `EMAIL_SIGN_IN` is `off`.
         */
        post: operations["start"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/auth/email/undo": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Take a change of address back with a link's token
         * @description Every session ends, and the old address gets a link to set a new password.
         */
        post: operations["undo_email_change"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/auth/email/verify": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Confirm an address with a link's token
         * @description The link proves the mailbox; `password` (the one given at registration) or `new_password` (chosen now) proves the person. Unless it was the account's own password, every older session and password ends.
         */
        post: operations["verify_email"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/auth/email/verify/resend": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Ask for the link that confirms an address once more
         * @description Always 202: the answer doesn't tell whether the address has an account.
         */
        post: operations["resend_verification"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/auth/login": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Log in
         * @description Opens a new session every time. The form is OAuth 2's password grant.
         */
        post: operations["login"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/auth/logout": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * End this session
         * @description Takes an access token, or a refresh token (body, cookie). 204 for any credential (RFC 7009).
         */
        post: operations["logout"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/auth/logout-all": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** End all of your sessions */
        post: operations["logout_all"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/auth/options": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * What the service offers
         * @description For pages that let people in: none of it has to be written into them. Open to every caller, the same for all, and good for a minute.
         */
        get: operations["get_options"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/auth/passkeys": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Log in with a passkey
         * @description No address, no password: the passkey says whose it is, and has to have verified its user, so no second factor is asked for. Each challenge is good once.
         */
        post: operations["log_in"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/auth/passkeys/options": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Ask for a passkey to log in with
         * @description For the log-in page, also for autofill. Nothing is stored; a challenge is good for five minutes.
         */
        post: operations["log_in_options"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/auth/passkeys/register": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Create the account of the passkey that was made
         * @description And log in to it. The passkey has to verify its user: it opens the account alone.
         */
        post: operations["register_with_passkey"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/auth/passkeys/register/options": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Register with a passkey
         * @description Nothing is stored. 404 where e-mail goes out (`SMTP_URL`) or `SECOND_FACTOR` is `off`: register with a password there, or by mail, and set the passkey up then.
         */
        post: operations["registration_options"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/auth/password/forgot": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Ask for a link that sets a new password
         * @description Always 202: the answer doesn't tell whether the address has an account.
         */
        post: operations["forgot_password"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/auth/password/reset": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Set a new password with a link's token
         * @description Every session of the user ends. Nobody is logged in by it.
         */
        post: operations["reset_password"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/auth/providers": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Which providers one can log in with
         * @description For the log-in page, in the order of `PROVIDERS`. The same for everybody, and good for a minute.
         */
        get: operations["list_providers"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/auth/providers/link": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Show that an account is yours
         * @description After a 400 `account_not_linked`, in one of its `methods`. It is a log-in: a second factor is asked for where there is one, and the link is made with the session. The same again within a minute gives the same session. Five wrong ones end it.
         */
        post: operations["link_identity"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/auth/providers/link/mail": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Have a code sent, to show that an address is yours
         * @description The same answer whether the address has an account or not. `email` only where the problem's `email` was null. To one address a letter goes at most once a minute, and five times an hour.
         */
        post: operations["mail_link_code"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/auth/providers/link/options": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Ask for a passkey, to show that an account is yours
         * @description Where `methods` has `passkey`.
         */
        post: operations["link_passkey_options"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/auth/providers/{provider}/finish": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Come back from another provider
         * @description With what the provider has sent along, and the `flow` of this tab. A state is good once. 204 where an account was linked, or the session is fresh: these need the access token of the session that has begun it.
         */
        post: operations["finish_provider"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/auth/providers/{provider}/start": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Begin at another provider
         * @description Send the browser to `url`, and keep `flow`. With `intent` `link` an account there is to open yours, with `reauthenticate` this session is to be fresh: both need an access token, and `link` a fresh session.
         */
        post: operations["start_provider"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/auth/reauthenticate": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Give the password again, or show the second factor
         * @description This session counts as fresh again for `FRESH_SESSION_MINUTES`. Who has a second factor shows that: a password is answered with 403 then.
         */
        post: operations["reauthenticate"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/auth/reauthenticate/options": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Ask for a passkey to make this session fresh */
        post: operations["step_up_options"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/auth/refresh": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Spend a refresh token for the next pair
         * @description Safe to repeat: a duplicate gets the same refresh token again. `reason` says why a session is over.
         */
        post: operations["refresh"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/auth/register": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Create an account */
        post: operations["register"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/auth/second-factor": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Finish a log-in with the second factor
         * @description With the `challenge` of a 403 `second_factor_required`. The same code again within a minute gives the same session; no other log-in takes it. Five wrong ones end the log-in.
         */
        post: operations["show_second_factor"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/auth/second-factor/enrol": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Set up a second factor to finish a log-in
         * @description With the `challenge` of a 403 `enrolment_required`. With `mail_code` in the answer a code was sent to the mailbox: it is asked for as well.
         */
        post: operations["begin_enrolment"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/auth/second-factor/enrol/confirm": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Confirm it, and finish the log-in
         * @description The same again within a minute gives the same session, without the recovery codes.
         */
        post: operations["confirm_enrolment"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/auth/second-factor/options": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Ask for a passkey as the second factor
         * @description With the `challenge` of a 403 `second_factor_required`. 404 where the account has no passkey.
         */
        post: operations["second_step_options"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/auth/second-factor/recovery": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Ask to have the second factor taken away
         * @description With the `challenge` of a 403 `second_factor_required` that began with the password. 404 where `SECOND_FACTOR_RECOVERY_HOURS` is 0.
         */
        post: operations["ask_recovery"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/auth/second-factor/recovery/cancel": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Let the second factor stay, with a link
         * @description With the token of any of the links in the e-mails that tell of it.
         */
        post: operations["cancel_recovery"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/auth/second-factor/recovery/confirm": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Have the second factor taken away, after a while
         * @description With the token of that link. Until `at` any session, any link of the e-mails that tell of it, and the second factor itself can say no.
         */
        post: operations["confirm_recovery"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/auth/test-token": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Test an access token */
        post: operations["test_token"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/health": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Is the process alive? */
        get: operations["health"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/health/ready": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Can requests be served? */
        get: operations["ready"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/openapi.json": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Get this document */
        get: operations["openapi_json"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/sessions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List your sessions */
        get: operations["list_sessions"];
        put?: never;
        post?: never;
        /** End all other sessions */
        delete: operations["end_other_sessions"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/sessions/stream": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Hear of the end of this session
         * @description Server-sent events: one `ended`, with a `reason` (an `EndReason`), within a second of the session's end, however it ended; then the stream closes. It lives as long as the session, beyond the access token it was opened with. A session, a user and a network have a share of the streams; whoever is refused asks again now and then.
         */
        get: operations["stream_session"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/sessions/{session_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** End one session */
        delete: operations["end_session"];
        options?: never;
        head?: never;
        /**
         * Call a device by a name
         * @description The name stays with the session, and with the browser: it has it again after the next log-in.
         */
        patch: operations["name_session"];
        trace?: never;
    };
    "/api/users": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List users
         * @description Superusers only. Follow `Link` for large lists; `skip` is there for the small ones.
         */
        get: operations["list_users"];
        put?: never;
        /**
         * Create a user
         * @description The user gets a letter: with a link to confirm the address, or, without a password, to set one. It takes a fresh session.
         */
        post: operations["create_user"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/users.csv": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Download the list of users
         * @description Superusers only. As CSV (RFC 4180), UTF-8; no cell is a formula to a spreadsheet. An event says who took it. A file that isn't whole ends with the connection.
         */
        get: operations["download_users"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/users/me": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Who am I? */
        get: operations["read_me"];
        /**
         * Change your profile
         * @description A new password needs a fresh session or `current_password`, and ends your other sessions.
         */
        put: operations["replace_me"];
        post?: never;
        /** Delete your account */
        delete: operations["delete_me"];
        options?: never;
        head?: never;
        /**
         * Change your profile
         * @description A new password needs a fresh session or `current_password`, and ends your other sessions.
         */
        patch: operations["update_me"];
        trace?: never;
    };
    "/api/users/me/email": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Ask for another address
         * @description The address changes when the link in the letter to the new one is used.
         */
        post: operations["change_email"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/users/me/events": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Your security events, newest first */
        get: operations["my_events"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/users/me/export": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Export everything stored about you */
        get: operations["export_me"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/users/me/factors": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Your second factors */
        get: operations["read_factors"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/users/me/factors/passkeys": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Add the passkey that was made
         * @description It is a second factor from now on, and one can log in with it alone if it verifies its user. Log-ins under way and trusted devices end; other sessions with `end_other_sessions`. A second factor that was set up since the options were asked for has to be shown first.
         */
        post: operations["add"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/users/me/factors/passkeys/options": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Set up a passkey
         * @description It takes a fresh session. Nothing is stored. 404 where `SECOND_FACTOR` is `off`.
         */
        post: operations["set_up_options"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/users/me/factors/passkeys/{passkey_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /**
         * Remove a passkey
         * @description It takes a session that is fresh by a second factor. Every other session ends. 409 where nobody could log in to the account any more, or where it has to have a second factor.
         */
        delete: operations["remove"];
        options?: never;
        head?: never;
        /** Call a passkey something else */
        patch: operations["rename"];
        trace?: never;
    };
    "/api/users/me/factors/recovery": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /**
         * Let your second factor stay
         * @description Any session will do.
         */
        delete: operations["stop_recovery"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/users/me/factors/totp": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Set up an app for codes
         * @description Nothing changes before it is confirmed, in this session. 404 where `SECOND_FACTOR` is `off`.
         */
        post: operations["begin_totp"];
        /**
         * Remove the app for codes
         * @description It takes a session that is fresh by a second factor. Every other session ends. For a day after a recovery code was used the last factor can be replaced, and not removed.
         */
        delete: operations["remove_totp"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/users/me/factors/totp/confirm": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Confirm an app for codes
         * @description It is the second factor from now on, and an earlier app's codes are worth nothing. Log-ins under way and trusted devices end; other sessions with `end_other_sessions`. A second factor that was set up since it was begun has to be shown first.
         */
        post: operations["confirm_totp"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/users/me/identities": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Your accounts at other providers */
        get: operations["list_identities"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/users/me/identities/{identity_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /**
         * Take an account at another provider away
         * @description It takes a fresh session. Every other session ends. 409 where nothing else opens the account.
         */
        delete: operations["remove_identity"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/users/me/recovery-codes": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Have new recovery codes made
         * @description It takes a session that is fresh by a second factor.
         */
        post: operations["new_recovery_codes"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/users/me/trusted-devices": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Devices that aren't asked for the second factor */
        get: operations["list_trusted_devices"];
        put?: never;
        post?: never;
        /** Trust no device any more */
        delete: operations["end_all_trust"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/users/me/trusted-devices/{device_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** Trust a device no more */
        delete: operations["end_trust"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/users/{user_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Read a user
         * @description Yourself, or anyone for superusers.
         */
        get: operations["read_user"];
        /**
         * Change a user
         * @description Superusers only. Deactivating, demoting or a new password ends the user's sessions. A new password or address, another role and enabling somebody again take a fresh session; disabling doesn't.
         */
        put: operations["replace_user"];
        post?: never;
        /**
         * Delete a user
         * @description It takes a fresh session.
         */
        delete: operations["delete_user"];
        options?: never;
        head?: never;
        /**
         * Change a user
         * @description Superusers only. Deactivating, demoting or a new password ends the user's sessions. A new password or address, another role and enabling somebody again take a fresh session; disabling doesn't.
         */
        patch: operations["update_user"];
        trace?: never;
    };
    "/api/users/{user_id}/explanation": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Say what happened to a user: why were they logged out?
         * @description Superusers only. What is on record of the user, the newest first, and what became of each session, in the language that `Accept-Language` asks for.
         */
        get: operations["explain_user"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/users/{user_id}/factors": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** A user's second factors */
        get: operations["read_user_factors"];
        put?: never;
        post?: never;
        /**
         * Take a user's second factors away
         * @description For who has lost them all. Recovery codes and trusted devices go with them, and every session ends; the user gets an e-mail. It takes a fresh session.
         */
        delete: operations["reset_user_factors"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/users/{user_id}/identities": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List a user's accounts at other providers */
        get: operations["list_user_identities"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/users/{user_id}/identities/{identity_id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /**
         * Unlink a user's account at another provider
         * @description For who has lost it, or where somebody else has it. Every session of the user ends. It takes a fresh session.
         */
        delete: operations["unlink_user_identity"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/users/{user_id}/letter": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Send a user the letter that gets them in
         * @description With a link to set a password, where there is none; to confirm the address, where nobody has; else to set another password. As often an hour as users may ask for it themselves.
         */
        post: operations["send_user_letter"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/users/{user_id}/sessions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** List a user's sessions */
        get: operations["list_user_sessions"];
        put?: never;
        post?: never;
        /** End all of a user's sessions */
        delete: operations["end_user_sessions"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/oauth/introspect": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Is a token good?
         * @description RFC 7662, for services that `latchkey clients add` has made known, by `client_secret_basic` or `client_secret_post`. The check is the one of every call here: a session that was ended is not active at the next question.
         */
        post: operations["introspect"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/oauth/revocations": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Hear of every session that ends
         * @description For resource servers. Server-sent events: `ended` with `sub`, `sid` and `reason`; `ended` without a `sid`: ask again about everything of that user; `forget`: ask again about everything. Something comes every half second: whoever has heard nothing for a second asks again about everything, until the stream is back. With `Last-Event-ID` it goes on where it was, for some minutes and with any process; else it begins with `forget`.
         */
        get: operations["stream_revocations"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/oauth/revoke": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * End the session of a token
         * @description RFC 7009: with the session end all of its tokens, at once and everywhere. A token that isn't known ends nothing, and is 200, too.
         */
        post: operations["revoke_token"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/oauth/token": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Get tokens
         * @description OAuth 2's token endpoint (RFC 6749), for libraries: `/api/auth/login` and `/api/auth/refresh` in its form. Clients have no secret. Fields that aren't known are passed over.
         */
        post: operations["issue_tokens"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
}
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        /**
         * AcceptedResponse
         * @description A request was taken; what comes of it isn't told here.
         */
        AcceptedResponse: {
            detail: string;
        };
        /**
         * AccessTokenResponse
         * @description A TokenPair in cookie mode: the refresh token is in the cookie, where no script can read it (R51).
         */
        AccessTokenResponse: {
            access_token: string;
            expires_in: number;
            /** @enum {string} */
            token_type: "bearer" | "DPoP";
            /** @description Whose session it is: of a refresh with `opening`, and left out of every other answer */
            user?: components["schemas"]["UserResponse"];
        };
        /**
         * ActiveTokenResponse
         * @description A token that is good. What is of the session or the user is as it is now, not as the token has it.
         */
        ActiveTokenResponse: {
            /** @enum {string} */
            acr: "aal1" | "aal2" | "phr";
            /** @constant */
            active: true;
            /** @description How: names of RFC 8176 section 2, and ours */
            amr: string[];
            aud: string;
            /** @description When the user has last proven to be there */
            auth_time: number;
            /** @description Of the token's, not of who asks */
            client_id: string;
            /** @description Of a token that is bound to a key, and left out of every other answer */
            cnf?: components["schemas"]["ConfirmationResponse"];
            exp: number;
            iat: number;
            iss: string;
            /** @enum {string} */
            scope: "" | "superuser";
            /** @description The session's id */
            sid: string;
            /** @description The user's id */
            sub: string;
            /** @enum {string} */
            token_type: "Bearer" | "DPoP";
            /** @description The user's e-mail address */
            username: string;
        };
        /**
         * AddressRequest
         * @description An e-mail address.
         */
        AddressRequest: {
            /** Format: email */
            email: string;
        };
        /**
         * AdminEventResponse
         * @description A security event, as an administrator sees it.
         */
        AdminEventResponse: {
            /** @description Of the administrator who did it. */
            actor_email: string | null;
            actor_id: string | null;
            actor_name: string | null;
            /** @description The program of `device`, to be put into words. */
            readonly browser: string | null;
            /** Format: date-time */
            created_at: string;
            detail: {
                [key: string]: unknown;
            };
            /** @description What a person calls the device: the same name as in the list of sessions. */
            readonly device: string | null;
            /** Format: uuid */
            id: string;
            ip: string | null;
            request_id: string | null;
            session_id: string | null;
            /** @description The system of `device`. */
            readonly system: string | null;
            /**
             * @description Later versions may have more of them.
             * @enum {string}
             */
            type: "account.claimed" | "client.added" | "client.removed" | "client.rotated" | "device.trust_ended" | "device.trusted" | "email.change_final" | "email.change_requested" | "email.change_undone" | "email.changed" | "email.verified" | "events.exported" | "events.lost" | "factor.added" | "factor.removed" | "factors.kept" | "factors.recovered" | "factors.recovery" | "factors.reset" | "login.failed" | "login.mail_asked" | "login.new_device" | "login.pending" | "login.succeeded" | "login.throttled" | "passkey.suspended" | "password.changed" | "password.reset" | "provider.linked" | "provider.refused" | "provider.unlinked" | "reauthentication.failed" | "reauthentication.succeeded" | "recovery_code.used" | "recovery_codes.replaced" | "second_factor.failed" | "session.bound" | "session.cut_off" | "session.displaced" | "session.ended" | "session.expired" | "session.logged_out" | "session.replaced" | "session.token_repeated" | "session.token_reused" | "session.token_shared" | "session.unproven" | "session.vanished" | "sessions.ended" | "sessions.revoked" | "signing_key.retired" | "signing_key.rotated" | "stores.restored" | "stores.set_back" | "throttles.cleared" | "user.created" | "user.deleted" | "user.exported" | "user.registered" | "user.registered_again" | "user.updated" | "users.exported" | "users.imported";
            user_agent: string | null;
            /** @description Null where there is no such account, or it is gone. */
            user_email: string | null;
            user_id: string | null;
            user_name: string | null;
        };
        /**
         * AlgorithmResponse
         * @description A kind of key that is taken.
         */
        AlgorithmResponse: {
            alg: number;
            /** @constant */
            type: "public-key";
        };
        /**
         * AloneResponse
         * @description What a passkey has to be able to do that opens an account alone.
         */
        AloneResponse: {
            /** @constant */
            residentKey: "required";
            /** @constant */
            userVerification: "required";
        };
        /**
         * AskedExtensions
         * @description What the browser is to say of it.
         */
        AskedExtensions: {
            /** @constant */
            credProps: true;
        };
        /**
         * AskedResponse
         * @description Who has asked for the link: to be shown before it is pressed.
         */
        AskedResponse: {
            /** Format: date-time */
            at: string;
            browser: string;
            email: string;
            ip: string;
        };
        /**
         * AssertionField
         * @description What the authenticator has said and signed.
         */
        AssertionField: {
            /** @description In base64url. */
            authenticatorData: string;
            /** @description In base64url. */
            clientDataJSON: string;
            /** @description In base64url. */
            signature: string;
            userHandle?: string | null;
        };
        /**
         * AttestationField
         * @description What the authenticator has made, and how it is reached.
         */
        AttestationField: {
            attestationObject: string;
            /** @description In base64url. */
            clientDataJSON: string;
            transports?: string[] | null;
        };
        /**
         * ChallengeRequest
         * @description A log-in that asks for a second step.
         */
        ChallengeRequest: {
            /** @description From the answer of the first step. */
            challenge: string;
        };
        /**
         * ChecksResponse
         * @description `pending`: `latchkey db upgrade` has to run. `misconfigured`: `latchkey doctor` says what to mend.
         *
         *     `secret` says whether SECRET_KEY is the one that belongs to the database.
         */
        ChecksResponse: {
            /** @enum {string} */
            database: "ok" | "unavailable" | "pending" | "misconfigured";
            /** @enum {string} */
            migrations: "ok" | "unavailable" | "pending" | "misconfigured";
            /** @enum {string} */
            redis: "ok" | "unavailable" | "pending" | "misconfigured";
            /** @enum {string} */
            secret: "ok" | "unavailable" | "pending" | "misconfigured";
        };
        /**
         * ConfirmRegistrationRequest
         * @description The same again, and the passkey that was made for it.
         */
        ConfirmRegistrationRequest: {
            credential: components["schemas"]["NewPasskeyField"];
            /** Format: email */
            email: string;
            full_name?: string | null;
            name?: string | null;
            /** @description From the answer with the options. */
            registration: string;
        };
        /**
         * ConfirmRequest
         * @description A code of the app.
         */
        ConfirmRequest: {
            /** @description Six digits. */
            code: string;
            end_other_sessions?: boolean;
            /** @description From the answer that had the secret. */
            enrolment: string;
        };
        /**
         * ConfirmationResponse
         * @description What a token is bound to (RFC 7800 section 3.1; RFC 9449 section 6.2).
         */
        ConfirmationResponse: {
            /** @description The thumbprint (RFC 7638) of the key whose holder's the token is */
            jkt: string;
        };
        /**
         * ConfirmedResponse
         * @description It is the second factor now. Recovery codes come with the first one.
         */
        ConfirmedResponse: {
            /** @description Ten of them, each good once. They are never shown again: only where they were made just now. */
            recovery_codes?: string[];
        };
        /**
         * CreateUserRequest
         * @description A new account, made by an administrator; without a password nobody can log in to it yet.
         */
        CreateUserRequest: {
            /** Format: email */
            email: string;
            full_name?: string | null;
            /** @description Left out: true. */
            is_active?: boolean;
            /** @description Left out: false. */
            is_superuser?: boolean;
            password?: string | null;
        };
        /**
         * CreationOptionsResponse
         * @description What `navigator.credentials.create()` is asked for: for `PublicKeyCredential.parseCreationOptionsFromJSON()`.
         */
        CreationOptionsResponse: {
            /** @constant */
            attestation: "none";
            authenticatorSelection: components["schemas"]["SelectionResponse"];
            challenge: string;
            excludeCredentials: components["schemas"]["KnownPasskey"][];
            extensions: components["schemas"]["AskedExtensions"];
            pubKeyCredParams: components["schemas"]["AlgorithmResponse"][];
            rp: components["schemas"]["PartyResponse"];
            timeout: number;
            user: components["schemas"]["PersonResponse"];
        };
        /**
         * CredProps
         * @description Whether the passkey can be found without knowing whose it is.
         */
        CredProps: {
            rk?: boolean | null;
        };
        /**
         * CredentialResponse
         * @description Something that proves the account: which kind, and since when. Never what it is checked against.
         */
        CredentialResponse: {
            /** Format: date-time */
            created_at: string;
            kind: string;
            label: string | null;
            last_used_at: string | null;
        };
        /**
         * DeviceCookieResponse
         * @description The cookie without which the browser is to prove something.
         */
        DeviceCookieResponse: {
            attributes: string;
            name: string;
            /** @constant */
            type: "cookie";
        };
        /**
         * DeviceForgottenResponse
         * @description The session is over: the browser is to forget its key.
         */
        DeviceForgottenResponse: {
            /** @constant */
            continue: false;
        };
        /**
         * DeviceInstructionsResponse
         * @description What a browser is to do for a session of this identifier.
         */
        DeviceInstructionsResponse: {
            allowed_refresh_initiators: string[];
            credentials: components["schemas"]["DeviceCookieResponse"][];
            refresh_url: string;
            scope: components["schemas"]["DeviceScopeResponse"];
            session_identifier: string;
        };
        /**
         * DeviceResponse
         * @description A device that the user has logged in on. Since `forgotten_at` it counts as new again.
         */
        DeviceResponse: {
            /** Format: date-time */
            first_seen_at: string;
            forgotten_at: string | null;
            /** Format: uuid */
            id: string;
            /** Format: date-time */
            last_seen_at: string;
            name: string | null;
            network: string;
            user_agent: string;
        };
        /**
         * DeviceRuleResponse
         * @description Which calls wait for a proof, and which don't.
         */
        DeviceRuleResponse: {
            path: string;
            /** @enum {string} */
            type: "include" | "exclude";
        };
        /**
         * DeviceScopeResponse
         * @description What the session is for: this origin, whatever name browsers have for it, and of that one call.
         */
        DeviceScopeResponse: {
            include_site: boolean;
            scope_specification: components["schemas"]["DeviceRuleResponse"][];
        };
        /**
         * DoorEnrolmentResponse
         * @description The same in a log-in. With `mail_code` a code is on its way to the mailbox, and is asked for as well.
         */
        DoorEnrolmentResponse: {
            /** Format: uuid */
            enrolment: string;
            /** Format: date-time */
            expires_at: string;
            mail_code: boolean;
            secret: string;
            uri: string;
        };
        /**
         * DoorPasskeyResponse
         * @description A passkey that the browser is to make, in a log-in. With `mail_code` a code is on its way to the mailbox, too.
         */
        DoorPasskeyResponse: {
            mail_code: boolean;
            options: components["schemas"]["CreationOptionsResponse"];
        };
        /**
         * EndReason
         * @description Why a session ended.
         * @enum {string}
         */
        EndReason: "logged_out" | "logged_out_everywhere" | "ended_elsewhere" | "others_ended" | "replaced" | "displaced" | "reused" | "expired" | "too_old" | "password_changed" | "password_reset" | "password_set" | "account_claimed" | "confirmed_by_another" | "email_change_undone" | "ended_by_administrator" | "role_changed" | "user_disabled" | "user_deleted" | "revoked";
        /**
         * EnrolConfirmRequest
         * @description A code of the app, or the passkey that was made; and the code from the letter, where one was announced.
         */
        EnrolConfirmRequest: {
            /** @description From the answer of the first step. */
            challenge: string;
            /** @description Six digits. */
            code?: string;
            /** @description From the answer that had the secret. */
            enrolment?: string;
            mail_code?: string | null;
            name?: string | null;
            passkey?: components["schemas"]["NewPasskeyField"] | null;
        };
        /**
         * EnrolRequest
         * @description Which kind of factor is to be set up.
         */
        EnrolRequest: {
            /** @description From the answer of the first step. */
            challenge: string;
            /** @enum {string} */
            kind: "totp" | "passkey";
        };
        /**
         * EnrolledInCookieResponse
         * @description The same in cookie mode.
         */
        EnrolledInCookieResponse: {
            access_token: string;
            expires_in: number;
            /** @description Ten of them, each good once. They are never shown again: only where they were made just now. */
            recovery_codes?: string[];
            /** @enum {string} */
            token_type: "bearer" | "DPoP";
            /** @description Whose session it is: of a refresh with `opening`, and left out of every other answer */
            user?: components["schemas"]["UserResponse"];
        };
        /**
         * EnrolledResponse
         * @description The tokens of a session that began with setting up a second factor.
         */
        EnrolledResponse: {
            access_token: string;
            expires_in: number;
            /** @description Ten of them, each good once. They are never shown again: only where they were made just now. */
            recovery_codes?: string[];
            refresh_token: string;
            /** @enum {string} */
            token_type: "bearer" | "DPoP";
            /** @description Whose session it is: of a refresh with `opening`, and left out of every other answer */
            user?: components["schemas"]["UserResponse"];
        };
        /**
         * EnrolmentResponse
         * @description A secret for an app that shows codes: typed (`secret`), or as a QR code (`uri`). Confirm it with a code.
         */
        EnrolmentResponse: {
            /** Format: uuid */
            enrolment: string;
            /** Format: date-time */
            expires_at: string;
            secret: string;
            uri: string;
        };
        /**
         * EntryResponse
         * @description One thing that happened, in a sentence.
         */
        EntryResponse: {
            /** Format: date-time */
            at: string;
            request_id: string | null;
            session_id: string | null;
            text: string;
            /**
             * @description Later versions may have more of them.
             * @enum {string}
             */
            type: "account.claimed" | "client.added" | "client.removed" | "client.rotated" | "device.trust_ended" | "device.trusted" | "email.change_final" | "email.change_requested" | "email.change_undone" | "email.changed" | "email.verified" | "events.exported" | "events.lost" | "factor.added" | "factor.removed" | "factors.kept" | "factors.recovered" | "factors.recovery" | "factors.reset" | "login.failed" | "login.mail_asked" | "login.new_device" | "login.pending" | "login.succeeded" | "login.throttled" | "passkey.suspended" | "password.changed" | "password.reset" | "provider.linked" | "provider.refused" | "provider.unlinked" | "reauthentication.failed" | "reauthentication.succeeded" | "recovery_code.used" | "recovery_codes.replaced" | "second_factor.failed" | "session.bound" | "session.cut_off" | "session.displaced" | "session.ended" | "session.expired" | "session.logged_out" | "session.replaced" | "session.token_repeated" | "session.token_reused" | "session.token_shared" | "session.unproven" | "session.vanished" | "sessions.ended" | "sessions.revoked" | "signing_key.retired" | "signing_key.rotated" | "stores.restored" | "stores.set_back" | "throttles.cleared" | "user.created" | "user.deleted" | "user.exported" | "user.registered" | "user.registered_again" | "user.updated" | "users.exported" | "users.imported";
        };
        /**
         * EventResponse
         * @description A security event, as its user sees it.
         */
        EventResponse: {
            /** @description The program of `device`, to be put into words. */
            readonly browser: string | null;
            /** Format: date-time */
            created_at: string;
            detail: {
                [key: string]: unknown;
            };
            /** @description What a person calls the device: the same name as in the list of sessions. */
            readonly device: string | null;
            /** Format: uuid */
            id: string;
            ip: string | null;
            session_id: string | null;
            /** @description The system of `device`. */
            readonly system: string | null;
            /**
             * @description Later versions may have more of them.
             * @enum {string}
             */
            type: "account.claimed" | "client.added" | "client.removed" | "client.rotated" | "device.trust_ended" | "device.trusted" | "email.change_final" | "email.change_requested" | "email.change_undone" | "email.changed" | "email.verified" | "events.exported" | "events.lost" | "factor.added" | "factor.removed" | "factors.kept" | "factors.recovered" | "factors.recovery" | "factors.reset" | "login.failed" | "login.mail_asked" | "login.new_device" | "login.pending" | "login.succeeded" | "login.throttled" | "passkey.suspended" | "password.changed" | "password.reset" | "provider.linked" | "provider.refused" | "provider.unlinked" | "reauthentication.failed" | "reauthentication.succeeded" | "recovery_code.used" | "recovery_codes.replaced" | "second_factor.failed" | "session.bound" | "session.cut_off" | "session.displaced" | "session.ended" | "session.expired" | "session.logged_out" | "session.replaced" | "session.token_repeated" | "session.token_reused" | "session.token_shared" | "session.unproven" | "session.vanished" | "sessions.ended" | "sessions.revoked" | "signing_key.retired" | "signing_key.rotated" | "stores.restored" | "stores.set_back" | "throttles.cleared" | "user.created" | "user.deleted" | "user.exported" | "user.registered" | "user.registered_again" | "user.updated" | "users.exported" | "users.imported";
            user_agent: string | null;
        };
        /**
         * ExplanationResponse
         * @description What is on record of a user, the newest first, and what became of each session.
         */
        ExplanationResponse: {
            entries: components["schemas"]["EntryResponse"][];
            sessions: components["schemas"]["SessionStoryResponse"][];
        };
        /**
         * ExportResponse
         * @description Everything stored about a user.
         */
        ExportResponse: {
            credentials: components["schemas"]["CredentialResponse"][];
            devices: components["schemas"]["DeviceResponse"][];
            events: components["schemas"]["ExportedEvent"][];
            /** @description What features that were added to this service keep of you, by their names; only where some do */
            features?: {
                [key: string]: unknown;
            };
            letters: components["schemas"]["LetterResponse"][];
            links: components["schemas"]["LinkResponse"][];
            registrations: components["schemas"]["RegistrationResponse"][];
            sessions: components["schemas"]["SessionResponse"][];
            user: components["schemas"]["ExportedUser"];
        };
        /**
         * ExportedEvent
         * @description A security event, with the name of the request that it happened in.
         */
        ExportedEvent: {
            /** @description The program of `device`, to be put into words. */
            readonly browser: string | null;
            /** Format: date-time */
            created_at: string;
            detail: {
                [key: string]: unknown;
            };
            /** @description What a person calls the device: the same name as in the list of sessions. */
            readonly device: string | null;
            /** Format: uuid */
            id: string;
            ip: string | null;
            request_id: string | null;
            session_id: string | null;
            /** @description The system of `device`. */
            readonly system: string | null;
            /**
             * @description Later versions may have more of them.
             * @enum {string}
             */
            type: "account.claimed" | "client.added" | "client.removed" | "client.rotated" | "device.trust_ended" | "device.trusted" | "email.change_final" | "email.change_requested" | "email.change_undone" | "email.changed" | "email.verified" | "events.exported" | "events.lost" | "factor.added" | "factor.removed" | "factors.kept" | "factors.recovered" | "factors.recovery" | "factors.reset" | "login.failed" | "login.mail_asked" | "login.new_device" | "login.pending" | "login.succeeded" | "login.throttled" | "passkey.suspended" | "password.changed" | "password.reset" | "provider.linked" | "provider.refused" | "provider.unlinked" | "reauthentication.failed" | "reauthentication.succeeded" | "recovery_code.used" | "recovery_codes.replaced" | "second_factor.failed" | "session.bound" | "session.cut_off" | "session.displaced" | "session.ended" | "session.expired" | "session.logged_out" | "session.replaced" | "session.token_repeated" | "session.token_reused" | "session.token_shared" | "session.unproven" | "session.vanished" | "sessions.ended" | "sessions.revoked" | "signing_key.retired" | "signing_key.rotated" | "stores.restored" | "stores.set_back" | "throttles.cleared" | "user.created" | "user.deleted" | "user.exported" | "user.registered" | "user.registered_again" | "user.updated" | "users.exported" | "users.imported";
            user_agent: string | null;
        };
        /**
         * ExportedUser
         * @description The whole row of a user but for the hash of the password.
         */
        ExportedUser: {
            /** Format: date-time */
            created_at: string;
            /** Format: email */
            email: string;
            email_verified: boolean;
            /** @description Second factors there are: `totp`, `passkey`, `recovery_code`; later versions may have more */
            factors: string[];
            full_name: string | null;
            /** Format: uuid */
            id: string;
            is_active: boolean;
            is_superuser: boolean;
            language: string | null;
            last_login_at: string | null;
            sessions_valid_after: string | null;
            updated_at: string | null;
        };
        /**
         * ExtensionsField
         * @description What the browser says of extensions.
         */
        ExtensionsField: {
            credProps?: components["schemas"]["CredProps"] | null;
        };
        /**
         * FactorResetRequest
         * @description Why a user's second factors are taken away: for the record.
         */
        FactorResetRequest: {
            reason: string;
        };
        /**
         * FactorResetResponse
         * @description What was taken away.
         */
        FactorResetResponse: {
            factors: string[];
            recovery_codes: number;
            sessions: number;
            trusted_devices: number;
        };
        /**
         * FactorsResponse
         * @description The second factors of an account; `required`: it has to have one.
         */
        FactorsResponse: {
            passkeys: components["schemas"]["PasskeyResponse"][];
            /** @description Only where somebody has asked, with password and mailbox, to have them taken away */
            recovery?: components["schemas"]["RecoveryResponse"];
            recovery_codes: components["schemas"]["RecoveryCodesLeftResponse"];
            required: boolean;
            totp: components["schemas"]["TotpResponse"] | null;
        };
        /**
         * FinishRequest
         * @description A code, with the challenge of the browser that asked for it; or the token of a link, from wherever.
         */
        FinishRequest: {
            challenge?: string | null;
            code?: string | null;
            token?: string | null;
        };
        /**
         * FirstOptionsResponse
         * @description The same for the passkey of a new account: it has to verify its user, and be found without the account.
         */
        FirstOptionsResponse: {
            /** @constant */
            attestation: "none";
            authenticatorSelection: components["schemas"]["AloneResponse"];
            challenge: string;
            excludeCredentials: components["schemas"]["KnownPasskey"][];
            extensions: components["schemas"]["AskedExtensions"];
            pubKeyCredParams: components["schemas"]["AlgorithmResponse"][];
            rp: components["schemas"]["PartyResponse"];
            timeout: number;
            user: components["schemas"]["PersonResponse"];
        };
        /**
         * HealthResponse
         * @description The process is alive.
         */
        HealthResponse: {
            /** @constant */
            status: "healthy";
        };
        /**
         * IdentityResponse
         * @description An account at another provider that opens the user's.
         */
        IdentityResponse: {
            /** @description `google`, `github`, `microsoft`, `apple` or `openid`; later versions may have more. */
            brand: string;
            /** Format: date-time */
            created_at: string;
            /** @description What the provider called the user's address last; it needn't be theirs. */
            email: string | null;
            /** Format: uuid */
            id: string;
            last_used_at: string | null;
            /** @description As people call it. */
            name: string;
            /** @description As `PROVIDERS` calls it. */
            provider: string;
        };
        /**
         * InactiveTokenResponse
         * @description A token that is good for nothing: why isn't said (RFC 7662 section 2.2).
         */
        InactiveTokenResponse: {
            /** @constant */
            active: false;
        };
        /**
         * JwkResponse
         * @description A public key (RFC 7517, RFC 7518 section 6.2.1).
         */
        JwkResponse: {
            /** @constant */
            alg: "ES256";
            /** @constant */
            crv: "P-256";
            kid: string;
            /** @constant */
            kty: "EC";
            /** @constant */
            use: "sig";
            x: string;
            y: string;
        };
        /**
         * JwksResponse
         * @description The key set; keys are told apart by `kid`.
         */
        JwksResponse: {
            keys: components["schemas"]["JwkResponse"][];
        };
        /**
         * KeptResponse
         * @description Whether the browser has brought the session's cookie.
         */
        KeptResponse: {
            kept: boolean;
        };
        /**
         * KnownPasskey
         * @description A passkey that there is already.
         */
        KnownPasskey: {
            id: string;
            transports: string[];
            /** @constant */
            type: "public-key";
        };
        /**
         * LetterResponse
         * @description A letter to the user, or about the account. What it said is not kept.
         */
        LetterResponse: {
            /** Format: date-time */
            created_at: string;
            language: string;
            letter: string;
            recipient: string;
            sent_at: string | null;
            state: string;
        };
        /**
         * LinkRequest
         * @description The token of a link.
         */
        LinkRequest: {
            /** @description From the link, after `#token=`. */
            token: string;
        };
        /**
         * LinkResponse
         * @description A link that was sent and can be used: what for, and for which address. Never its token.
         */
        LinkResponse: {
            /** Format: date-time */
            created_at: string;
            /** Format: date-time */
            expires_at: string;
            purpose: string;
            subject: string | null;
        };
        /**
         * LoginRequest
         * @description The same as JSON; `email` may be said for `username`.
         */
        LoginRequest: {
            client_id?: string | null;
            client_secret?: string | null;
            email?: string | null;
            grant_type?: ("password" | "") | null;
            /** Format: password */
            password: string;
            scope?: string | null;
            username?: string | null;
        };
        /**
         * LogoutRequest
         * @description The refresh token of the session to end; it may be left out where an access token is sent.
         */
        LogoutRequest: {
            refresh_token?: string | null;
        };
        /**
         * LookRequest
         * @description A link that isn't pressed yet.
         */
        LookRequest: {
            /** @description From the link, after `#token=`. */
            token: string;
        };
        /**
         * NameRequest
         * @description What the caller calls the device of one of their sessions; null or empty: nothing any more.
         */
        NameRequest: {
            name: string | null;
        };
        /**
         * NewPasskeyField
         * @description A new passkey: what `navigator.credentials.create()` returns, as JSON.
         */
        NewPasskeyField: {
            clientExtensionResults?: components["schemas"]["ExtensionsField"] | null;
            /** @description In base64url. */
            rawId: string;
            response: components["schemas"]["AttestationField"];
            /** @constant */
            type: "public-key";
        };
        /**
         * NewPasskeyRequest
         * @description A new passkey, and what it is to be called: the device, if nothing is said.
         */
        NewPasskeyRequest: {
            credential: components["schemas"]["NewPasskeyField"];
            end_other_sessions?: boolean;
            name?: string | null;
        };
        /**
         * NewPasskeyResponse
         * @description A passkey that was set up. Recovery codes come with the first factor.
         */
        NewPasskeyResponse: {
            /** Format: date-time */
            created_at: string;
            /** Format: uuid */
            id: string;
            last_used_at: string | null;
            name: string;
            /** @description Ten of them, each good once. They are never shown again: only where they were made just now. */
            recovery_codes?: string[];
            suspended_at: string | null;
            synced: boolean;
        };
        /**
         * OAuthProblem
         * @description An error answer of OAuth 2's own calls (RFC 6749 section 5.2); beside it what our problems have.
         */
        OAuthProblem: {
            /** @description With `reason`: what ended the session */
            cause?: components["schemas"]["EndReason"];
            /** @description Of `second_factor_required` and `enrolment_required`: go on with it at /api/auth/second-factor */
            challenge?: string;
            /**
             * @description What it is called elsewhere in the API: more exact than `error`
             * @enum {string}
             */
            code: "account_not_linked" | "already_linked" | "bad_request" | "device_binding_required" | "device_challenge" | "device_proof_required" | "email_taken" | "email_unverified" | "enrolment_required" | "expectation_failed" | "forbidden" | "head_too_large" | "inactive_user" | "internal_error" | "invalid_challenge" | "invalid_client" | "invalid_code" | "invalid_device_proof" | "invalid_dpop_proof" | "invalid_grant" | "invalid_passkey" | "invalid_token" | "last_superuser" | "last_way_in" | "method_not_allowed" | "not_authenticated" | "not_found" | "provider_failed" | "rate_limited" | "reauthentication_required" | "request_timeout" | "second_factor_required" | "too_large" | "too_many_passkeys" | "unauthorized_client" | "unavailable" | "unsupported_grant_type" | "unsupported_media_type" | "uri_too_long" | "use_dpop_nonce" | "validation_error";
            /**
             * @description OAuth 2's word; `temporarily_unavailable` and `server_error` are those of section 4.1.2.1
             * @enum {string}
             */
            error: "invalid_request" | "invalid_grant" | "unsupported_grant_type" | "temporarily_unavailable" | "server_error" | "invalid_dpop_proof" | "use_dpop_nonce" | "invalid_client" | "unauthorized_client";
            /** @description One sentence for who writes a client, in ASCII */
            error_description: string;
            /**
             * Format: date-time
             * @description When the `challenge` is over
             */
            expires_at?: string;
            /** @description Beside `challenge`: in which ways */
            methods?: string[];
            /**
             * @description Only for a refresh token this service really issued
             * @enum {string}
             */
            reason?: "expired" | "revoked" | "reused";
            /** @description The same as in `X-Request-ID` */
            request_id: string;
        };
        /**
         * OAuthTokenResponse
         * @description The tokens of a session (RFC 6749 section 5.1); `expires_in` is the access token's life in seconds.
         */
        OAuthTokenResponse: {
            access_token: string;
            expires_in: number;
            refresh_token: string;
            /** @enum {string} */
            token_type: "Bearer" | "DPoP";
        };
        /**
         * OfferResponse
         * @description Whether one can log in by mail, and with what; whether an address without an account gets one.
         */
        OfferResponse: {
            code: boolean;
            link: boolean;
            registers: boolean;
        };
        /**
         * OfferedResponse
         * @description A provider. `brand`: `google`, `github`, `microsoft`, `apple`, or `openid` for any other.
         */
        OfferedResponse: {
            brand: string;
            id: string;
            name: string;
        };
        /**
         * OptionsResponse
         * @description What there is to be offered to somebody who isn't logged in.
         */
        OptionsResponse: {
            /** @description Nobody logs in before the address is confirmed */
            confirm_email: boolean;
            /** @description Of the letters; the first is the one for everybody else */
            languages: string[];
            /** @description What the service is called */
            name: string;
            password: components["schemas"]["PasswordRules"];
            /**
             * @description `open`: with a form. `by_mail`: only by logging in by mail. `closed`: by administrators
             * @enum {string}
             */
            registration: "open" | "by_mail" | "closed";
            second_factor: components["schemas"]["SecondFactorRules"];
            ways: components["schemas"]["WayResponse"][];
        };
        /**
         * PartyResponse
         * @description Whose passkey it is to be bound to.
         */
        PartyResponse: {
            id: string;
            name: string;
        };
        /**
         * PasskeyField
         * @description A passkey that is shown: what `navigator.credentials.get()` returns, as JSON.
         */
        PasskeyField: {
            /** @description In base64url. */
            rawId: string;
            response: components["schemas"]["AssertionField"];
            /** @constant */
            type: "public-key";
        };
        /**
         * PasskeyLoginRequest
         * @description A passkey that is shown, and nothing else.
         */
        PasskeyLoginRequest: {
            credential: components["schemas"]["PasskeyField"];
        };
        /**
         * PasskeyRegistrationRequest
         * @description Who would like an account.
         */
        PasskeyRegistrationRequest: {
            /** Format: email */
            email: string;
            full_name?: string | null;
        };
        /**
         * PasskeyRegistrationResponse
         * @description What the browser is to make, and the number of the account that isn't there yet.
         */
        PasskeyRegistrationResponse: {
            options: components["schemas"]["FirstOptionsResponse"];
            /** Format: uuid */
            registration: string;
        };
        /**
         * PasskeyResponse
         * @description A passkey. `synced`: it is on other devices of its owner's, too. `suspended_at`: it is good for nothing since.
         */
        PasskeyResponse: {
            /** Format: date-time */
            created_at: string;
            /** Format: uuid */
            id: string;
            last_used_at: string | null;
            name: string;
            suspended_at: string | null;
            synced: boolean;
        };
        /**
         * PasswordRules
         * @description How long a password is, in characters. What else is wrong with one is told when it is sent.
         */
        PasswordRules: {
            max_length: number;
            min_length: number;
        };
        /**
         * PersonResponse
         * @description Whose it is to be; the browser shows the names.
         */
        PersonResponse: {
            displayName: string;
            id: string;
            name: string;
        };
        /**
         * PointResponse
         * @description A value, and the beginning of the hour or day it is of (UTC).
         */
        PointResponse: {
            /** Format: date-time */
            at: string;
            value: number;
        };
        /**
         * Problem
         * @description An error answer (RFC 9457).
         */
        Problem: {
            /** @description Of `invalid_code` */
            attempts_left?: number;
            /** @description With `reason`: what ended the session. Later versions may have more of them */
            cause?: components["schemas"]["EndReason"];
            /** @description Only for a log-in that still owes something */
            challenge?: string;
            /**
             * @description Stable; what a client switches on. Later versions may have more of them
             * @enum {string}
             */
            code: "account_not_linked" | "already_linked" | "bad_request" | "device_binding_required" | "device_challenge" | "device_proof_required" | "email_taken" | "email_unverified" | "enrolment_required" | "expectation_failed" | "forbidden" | "head_too_large" | "inactive_user" | "internal_error" | "invalid_challenge" | "invalid_client" | "invalid_code" | "invalid_device_proof" | "invalid_dpop_proof" | "invalid_grant" | "invalid_passkey" | "invalid_token" | "last_superuser" | "last_way_in" | "method_not_allowed" | "not_authenticated" | "not_found" | "provider_failed" | "rate_limited" | "reauthentication_required" | "request_timeout" | "second_factor_required" | "too_large" | "too_many_passkeys" | "unauthorized_client" | "unavailable" | "unsupported_grant_type" | "unsupported_media_type" | "uri_too_long" | "use_dpop_nonce" | "validation_error";
            /** @description One sentence a person can read */
            detail: string;
            /** @description Of `account_not_linked`: the address that is to be shown; null where it is asked for */
            email?: string | null;
            /**
             * @description OAuth 2's own word (RFC 6749 section 5.2): only from log-in and refresh. Later versions may have more of them
             * @enum {string}
             */
            error?: "invalid_request" | "invalid_grant" | "unsupported_grant_type" | "temporarily_unavailable" | "server_error" | "invalid_dpop_proof" | "use_dpop_nonce";
            /** @description Only with status 422 */
            errors?: components["schemas"]["ProblemFault"][];
            /**
             * Format: date-time
             * @description When the `challenge` is over
             */
            expires_at?: string;
            /** @description Only with `reauthentication_required`: 1 for one factor, 2 for a second one */
            level?: number;
            /** @description In which ways what is asked for can be given; later versions may have more of them */
            methods?: string[];
            /** @description Of another provider: which */
            provider?: string;
            /**
             * @description Only for a refresh token this service really issued
             * @enum {string}
             */
            reason?: "expired" | "revoked" | "reused";
            /** @description The same as in `X-Request-ID`; quote it when reporting a fault */
            request_id: string;
            status: number;
            title: string;
            /** @description `about:blank`, or a URI that documents this kind of problem */
            type: string;
            /** @description Of a passkey */
            unknown_credential?: boolean;
        };
        /**
         * ProblemFault
         * @description One place in the request that isn't acceptable.
         */
        ProblemFault: {
            detail: string;
            /** @description RFC 6901 JSON pointer into the request */
            pointer: string;
        };
        /**
         * ProviderFinishRequest
         * @description What the provider has sent along, and the `flow` that was kept.
         */
        ProviderFinishRequest: {
            code: string;
            flow: string;
            iss?: string | null;
            state: string;
            /** @description Where the provider's second factor counts: don't ask for one on this device for a while */
            trust_device?: boolean;
            user?: string | null;
        };
        /**
         * ProviderLinkMailRequest
         * @description The challenge, and an address where the provider has said none.
         */
        ProviderLinkMailRequest: {
            challenge: string;
            email?: string | null;
        };
        /**
         * ProviderLinkMailResponse
         * @description A code is on its way, if it may be. Go on with this `challenge`: the code works with it alone.
         */
        ProviderLinkMailResponse: {
            challenge: string;
            /** Format: date-time */
            expires_at: string;
        };
        /**
         * ProviderLinkOptionsRequest
         * @description The challenge of a 400 `account_not_linked`.
         */
        ProviderLinkOptionsRequest: {
            challenge: string;
        };
        /**
         * ProviderLinkRequest
         * @description The challenge of a 400 `account_not_linked`, and something of the account: a password, a code, a passkey.
         */
        ProviderLinkRequest: {
            challenge: string;
            /** @description Six digits. */
            code?: string;
            passkey?: components["schemas"]["PasskeyField"];
            /** Format: password */
            password?: string;
            trust_device?: boolean;
        };
        /**
         * ProviderStartRequest
         * @description What is to be done by this provider.
         */
        ProviderStartRequest: {
            /** @enum {string} */
            intent?: "login" | "link" | "reauthenticate";
            return_to?: string | null;
        };
        /**
         * ProviderStartedResponse
         * @description Where to send the browser. Keep `flow` in this very tab: it finishes what was begun, until `expires_at`.
         */
        ProviderStartedResponse: {
            /** Format: date-time */
            expires_at: string;
            flow: string;
            url: string;
        };
        /**
         * ReadinessResponse
         * @description Whether requests can be served, and what stands in the way. `stopping`: they are, but this instance ends soon.
         *
         *     `letters` that are `late` have waited for a worker, or a mail server, for more than ten minutes: requests are served
         *     all the same. `reasons` has plain words for each part that isn't well.
         */
        ReadinessResponse: {
            checks: components["schemas"]["ChecksResponse"];
            /** @enum {string} */
            letters: "ok" | "late" | "unknown";
            reasons: {
                [key: string]: string;
            };
            /** @enum {string} */
            status: "ready" | "unavailable" | "stopping";
        };
        /**
         * ReauthenticateRequest
         * @description The user's password once more; or a code, a recovery code or a passkey, where there is a second factor.
         */
        ReauthenticateRequest: {
            /** @description Six digits. */
            code?: string;
            passkey?: components["schemas"]["PasskeyField"];
            /** Format: password */
            password?: string;
            /** @description As it was shown; groups and small letters don't matter. */
            recovery_code?: string;
        };
        /**
         * RecoverRequest
         * @description A log-in that owes a second factor.
         */
        RecoverRequest: {
            /** @description From the answer of the first step. */
            challenge: string;
        };
        /**
         * RecoveryCodesLeftResponse
         * @description How many recovery codes are good yet.
         */
        RecoveryCodesLeftResponse: {
            created_at: string | null;
            left: number;
        };
        /**
         * RecoveryCodesResponse
         * @description New recovery codes; the ones before are dead.
         */
        RecoveryCodesResponse: {
            /** @description Ten of them, each good once. They are never shown again. */
            recovery_codes: string[];
        };
        /**
         * RecoveryResponse
         * @description That the second factors are taken away, and when: `DELETE /api/users/me/factors/recovery` lets them stay.
         */
        RecoveryResponse: {
            /** Format: date-time */
            at: string;
        };
        /**
         * RefreshRequest
         * @description A refresh token to spend.
         */
        RefreshRequest: {
            refresh_token: string;
        };
        /**
         * RegisterRequest
         * @description A new account.
         */
        RegisterRequest: {
            /** Format: email */
            email: string;
            full_name?: string | null;
            /**
             * Format: password
             * @description At least `PASSWORD_MIN_LENGTH` characters; not your address, this service's name or a common one.
             */
            password: string;
        };
        /**
         * RegistrationResponse
         * @description A later registration of the address, before anybody confirmed it. Whose name it holds isn't known until then.
         */
        RegistrationResponse: {
            /** Format: date-time */
            created_at: string;
            /** Format: date-time */
            expires_at: string;
        };
        /**
         * RelatedOriginsResponse
         * @description Which other sites' pages may ask for these passkeys (WebAuthn L3, 5.11).
         */
        RelatedOriginsResponse: {
            origins: string[];
        };
        /**
         * RenameRequest
         * @description What a passkey is to be called.
         */
        RenameRequest: {
            name: string;
        };
        /**
         * RequestOptionsResponse
         * @description What `navigator.credentials.get()` is asked for: for `PublicKeyCredential.parseRequestOptionsFromJSON()`.
         */
        RequestOptionsResponse: {
            /** @description Those that may be shown; left out where the browser offers what it has. */
            allowCredentials?: components["schemas"]["KnownPasskey"][];
            challenge: string;
            rpId: string;
            timeout: number;
            /** @enum {string} */
            userVerification: "required" | "preferred";
        };
        /**
         * ResetRequest
         * @description The token of a link, and the new password.
         */
        ResetRequest: {
            /**
             * Format: password
             * @description At least `PASSWORD_MIN_LENGTH` characters; not your address, this service's name or a common one.
             */
            password: string;
            /** @description From the link, after `#token=`. */
            token: string;
        };
        /**
         * ReturningInCookieResponse
         * @description The same in cookie mode.
         */
        ReturningInCookieResponse: {
            access_token: string;
            expires_in: number;
            /** @description Where the page is to go now: what was given at the start, and left out where nothing was */
            return_to?: string;
            /** @enum {string} */
            token_type: "bearer" | "DPoP";
            /** @description Whose session it is: of a refresh with `opening`, and left out of every other answer */
            user?: components["schemas"]["UserResponse"];
        };
        /**
         * ReturningResponse
         * @description The tokens of a session that began at another provider.
         */
        ReturningResponse: {
            access_token: string;
            expires_in: number;
            refresh_token: string;
            /** @description Where the page is to go now: what was given at the start, and left out where nothing was */
            return_to?: string;
            /** @enum {string} */
            token_type: "bearer" | "DPoP";
            /** @description Whose session it is: of a refresh with `opening`, and left out of every other answer */
            user?: components["schemas"]["UserResponse"];
        };
        /**
         * SecondFactorRequest
         * @description The second step of a log-in: a code, a recovery code, or a passkey.
         */
        SecondFactorRequest: {
            /** @description From the answer of the first step. */
            challenge: string;
            code?: string | null;
            passkey?: components["schemas"]["PasskeyField"] | null;
            recovery_code?: string | null;
            /** @description Don't ask on this device for `TRUST_DEVICE_DAYS`. Not after a recovery code. */
            trust_device?: boolean;
        };
        /**
         * SecondFactorRules
         * @description What there is of second factors. Whoever has one is asked for it, whatever this says.
         */
        SecondFactorRules: {
            /** @description True where a lost one can be taken away (`SECOND_FACTOR_RECOVERY_HOURS`) */
            recovery?: boolean;
            /** @description One can be set up (`SECOND_FACTOR`) */
            set_up: boolean;
            /** @description A device can be trusted (`TRUST_DEVICE_DAYS`) */
            trust_device: boolean;
        };
        /**
         * SelectionResponse
         * @description What the passkey should be able to do.
         */
        SelectionResponse: {
            /** @constant */
            residentKey: "preferred";
            /** @constant */
            userVerification: "preferred";
        };
        /**
         * SentLetterResponse
         * @description Which letter is on its way.
         */
        SentLetterResponse: {
            /** @description `set_password`, `verify_address` or `reset_password`; later versions may have more. */
            letter: string;
        };
        /**
         * SeriesResponse
         * @description One line of a chart.
         */
        SeriesResponse: {
            name: string;
            points: components["schemas"]["PointResponse"][];
        };
        /**
         * SessionResponse
         * @description `expires_at` is when the session ends if it isn't used again.
         */
        SessionResponse: {
            /** @description To what key it is bound: the browser's (`dbsc`), or the client's (`dpop`); null for none. */
            bound: ("dbsc" | "dpop") | null;
            /** @description The program of `device`, to be put into words; null: unknown. */
            browser: string | null;
            /** Format: date-time */
            created_at: string;
            current: boolean;
            device: string;
            /** Format: date-time */
            expires_at: string;
            /** Format: uuid */
            id: string;
            ip: string;
            /** Format: date-time */
            last_used_at: string;
            /** @description 1 for one factor, 2 for two. */
            level: number;
            /** @description How its user has proven to be there: names of RFC 8176 section 2, and ours. */
            methods: string[];
            /** @description What its user calls the device. */
            name: string | null;
            /** @description The system of `device`; null: unknown. */
            system: string | null;
            user_agent: string;
        };
        /**
         * SessionStoryResponse
         * @description What became of a session; `reason` is what its client was told.
         */
        SessionStoryResponse: {
            reason: components["schemas"]["EndReason"] | null;
            /** Format: uuid */
            session_id: string;
            text: string;
            /** @enum {string} */
            verdict: "living" | "ended" | "expired" | "deleted" | "unknown";
        };
        /**
         * StartRequest
         * @description Whose mailbox it is.
         */
        StartRequest: {
            /** Format: email */
            email: string;
        };
        /**
         * StartedResponse
         * @description A log-in under way. Keep `challenge` in this browser: a code works with it alone, for `expires_in` seconds.
         */
        StartedResponse: {
            challenge: string;
            expires_in: number;
        };
        /**
         * StatisticsResponse
         * @description Every series, each with a point for every step.
         */
        StatisticsResponse: {
            series: components["schemas"]["SeriesResponse"][];
            /** @enum {string} */
            step: "hour" | "day";
        };
        /**
         * TokenPairResponse
         * @description The tokens of a session; `expires_in` is the access token's life in seconds.
         */
        TokenPairResponse: {
            access_token: string;
            expires_in: number;
            refresh_token: string;
            /** @enum {string} */
            token_type: "bearer" | "DPoP";
            /** @description Whose session it is: of a refresh with `opening`, and left out of every other answer */
            user?: components["schemas"]["UserResponse"];
        };
        /**
         * TokenRequest
         * @description The token of a link.
         */
        TokenRequest: {
            /** @description From the link, after `#token=`. */
            token: string;
        };
        /**
         * TotpResponse
         * @description An app that shows codes.
         */
        TotpResponse: {
            /** Format: date-time */
            created_at: string;
            last_used_at: string | null;
        };
        /**
         * TrustedDeviceResponse
         * @description A device that isn't asked for the second factor at log-in.
         */
        TrustedDeviceResponse: {
            /** @description The program of `device`, to be put into words. */
            readonly browser: string | null;
            /** @description What a person calls the device: the same name as in the list of sessions. */
            readonly device: string;
            /** Format: uuid */
            id: string;
            name: string | null;
            network: string;
            /** Format: date-time */
            since: string;
            /** @description The system of `device`. */
            readonly system: string | null;
            /** Format: date-time */
            until: string;
            user_agent: string;
        };
        /**
         * UpdateProfileRequest
         * @description What users may change about themselves. A field left out stays as it is.
         */
        UpdateProfileRequest: {
            current_password?: string | null;
            full_name?: string | null;
            password?: string | null;
        };
        /**
         * UpdateUserRequest
         * @description What administrators may change. A field left out stays as it is.
         */
        UpdateUserRequest: {
            email?: string | null;
            full_name?: string | null;
            is_active?: boolean | null;
            is_superuser?: boolean | null;
            password?: string | null;
        };
        /**
         * UserResponse
         * @description A user. Never a hash.
         */
        UserResponse: {
            /** Format: date-time */
            created_at: string;
            /** Format: email */
            email: string;
            email_verified: boolean;
            /** @description Second factors there are: `totp`, `passkey`, `recovery_code`; later versions may have more */
            factors: string[];
            full_name: string | null;
            /** Format: uuid */
            id: string;
            is_active: boolean;
            is_superuser: boolean;
            /**
             * Format: date-time
             * @description Left out before the first log-in; a minute or two behind
             */
            last_login_at?: string;
            updated_at: string | null;
        };
        /**
         * VerifyRequest
         * @description The token of a link, and who is there: the password of the registration, or one that is chosen now.
         */
        VerifyRequest: {
            new_password?: string | null;
            password?: string | null;
            /** @description From the link, after `#token=`. */
            token: string;
        };
        /**
         * WayResponse
         * @description One way in. Each kind has members of its own; later versions have kinds and members that this one hasn't.
         */
        WayResponse: {
            /** @description Of `provider`: whose mark belongs on the button, or `openid` */
            brand?: string;
            /** @description Of `mail`: its letters have a code */
            code?: boolean;
            /** @description Of `provider`: what the calls name it */
            id?: string;
            /** @description `password`, `mail`, `passkey`, `provider`. Later ones: pass by what you don't know */
            kind: string;
            /** @description Of `mail`: its letters have a link */
            link?: boolean;
            /** @description Of `provider`: what the button says */
            name?: string;
            /** @description Of `mail`, `passkey`, `provider`: who has no account gets one by it */
            registers?: boolean;
        } & {
            [key: string]: unknown;
        };
    };
    responses: {
        /** @description `bad_request`: The request could not be read. */
        BadRequest: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description `too_large`: The request is too large. */
        TooLarge: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description `not_authenticated`: Not authenticated. `invalid_token`: Could not validate credentials. */
        Unauthorized: {
            headers: {
                /** @description `Bearer`, with `error` when a token was given (RFC 6750) */
                "WWW-Authenticate"?: string;
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description `unavailable`: The service is temporarily unavailable. Please try again. */
        Unavailable: {
            headers: {
                /** @description Seconds to wait */
                "Retry-After"?: number;
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description `unsupported_media_type`: The media type of the body is not supported here. */
        UnsupportedMediaType: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
        /** @description `validation_error`: The request is not acceptable. */
        ValidationFailed: {
            headers: {
                [name: string]: unknown;
            };
            content: {
                "application/problem+json": components["schemas"]["Problem"];
            };
        };
    };
    parameters: never;
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
    jwks: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The key set. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "keys": [
                     *         {
                     *           "alg": "ES256",
                     *           "crv": "P-256",
                     *           "kid": "Vx1Qa4rmVEzUQlJ0cKX7iJ4nLJp1M8Pk4tJ7k7v2J2M",
                     *           "kty": "EC",
                     *           "use": "sig",
                     *           "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
                     *           "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"
                     *         }
                     *       ]
                     *     }
                     */
                    "application/json": components["schemas"]["JwksResponse"];
                };
            };
            /** @description `unavailable`: The service is temporarily unavailable. Please try again. */
            503: {
                headers: {
                    /** @description Seconds to wait */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    related_origins: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Them. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "origins": [
                     *         "https://example.org"
                     *       ]
                     *     }
                     */
                    "application/json": components["schemas"]["RelatedOriginsResponse"];
                };
            };
            /** @description `not_found`: Not found. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    list_events: {
        parameters: {
            query?: {
                user_id?: string;
                /** @description The user's address. */
                email?: string;
                session_id?: string;
                /** @description The administrator who did it. */
                actor_id?: string;
                type?: string;
                ip?: string;
                request_id?: string;
                /** @description This moment and later. */
                since?: string;
                /** @description Earlier than this moment. */
                until?: string;
                /** @description How many to return. */
                limit?: number;
                /** @description The cursor from the `Link` header. */
                after?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of events. */
            200: {
                headers: {
                    /** @description The next page, `rel="next"` (RFC 8288), when there is one */
                    Link?: string;
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example [
                     *       {
                     *         "actor_email": null,
                     *         "actor_id": null,
                     *         "actor_name": null,
                     *         "browser": "Chrome",
                     *         "created_at": "2026-11-23T09:00:00Z",
                     *         "detail": {},
                     *         "device": "Chrome on macOS",
                     *         "id": "0d6f2c0b-5d8a-4c1c-9a2e-5f0f2b7c9f10",
                     *         "ip": "203.0.113.7",
                     *         "request_id": "5f1c7f0e9a3b4c2d",
                     *         "session_id": "5691dab3-719f-4f12-b3da-811d0cca8545",
                     *         "system": "macOS",
                     *         "type": "login.succeeded",
                     *         "user_agent": "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 Chrome/131.0 Safari/537.36",
                     *         "user_email": "ada@example.com",
                     *         "user_id": "811d0cca-8545-4396-91da-b3719f6f12f3",
                     *         "user_name": "Ada Lovelace"
                     *       }
                     *     ]
                     */
                    "application/json": components["schemas"]["AdminEventResponse"][];
                };
            };
            401: components["responses"]["Unauthorized"];
            /** @description `forbidden`: Not enough permissions. `device_binding_required`: This needs a session that is bound to your device. Log in with a browser that can do that. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            422: components["responses"]["ValidationFailed"];
            503: components["responses"]["Unavailable"];
        };
    };
    download_events: {
        parameters: {
            query?: {
                user_id?: string;
                /** @description The user's address. */
                email?: string;
                session_id?: string;
                /** @description The administrator who did it. */
                actor_id?: string;
                type?: string;
                ip?: string;
                request_id?: string;
                /** @description This moment and later. */
                since?: string;
                /** @description Earlier than this moment. */
                until?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description All events that fit: `id`, `created_at`, `type`, `user_id`, `user_email`, `user_name`, `actor_id`, `actor_email`, `actor_name`, `session_id`, `ip`, `user_agent`, `request_id`, `detail`. */
            200: {
                headers: {
                    /** @description The name of the file */
                    "Content-Disposition"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "text/csv": string;
                };
            };
            401: components["responses"]["Unauthorized"];
            /** @description `forbidden`: Not enough permissions. `device_binding_required`: This needs a session that is bound to your device. Log in with a browser that can do that. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            422: components["responses"]["ValidationFailed"];
            503: components["responses"]["Unavailable"];
        };
    };
    read_statistics: {
        parameters: {
            query?: {
                /** @description Left out: a day, or thirty, before. */
                from?: string;
                /** @description Left out: now. */
                to?: string;
                /** @description At most 14 days by hour, 92 by day. */
                step?: "hour" | "day";
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The series. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "series": [
                     *         {
                     *           "name": "login.succeeded",
                     *           "points": [
                     *             {
                     *               "at": "2026-11-24T09:00:00Z",
                     *               "value": 42
                     *             }
                     *           ]
                     *         }
                     *       ],
                     *       "step": "hour"
                     *     }
                     */
                    "application/json": components["schemas"]["StatisticsResponse"];
                };
            };
            401: components["responses"]["Unauthorized"];
            /** @description `forbidden`: Not enough permissions. `device_binding_required`: This needs a session that is bound to your device. Log in with a browser that can do that. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            422: components["responses"]["ValidationFailed"];
            503: components["responses"]["Unavailable"];
        };
    };
    check: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It is. */
            204: {
                headers: {
                    /** @description The session's id */
                    "X-Auth-Sid"?: string;
                    /** @description The user's id */
                    "X-Auth-Sub"?: string;
                    [name: string]: unknown;
                };
                content?: never;
            };
            401: components["responses"]["Unauthorized"];
            503: components["responses"]["Unavailable"];
        };
    };
    cookie: {
        parameters: {
            query?: never;
            header?: {
                /** @description Cookie mode: the refresh token travels in an HttpOnly cookie, and is left out of bodies. */
                "X-Session-Transport"?: "cookie";
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Whether this call brought the session's cookie. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "kept": true
                     *     }
                     */
                    "application/json": components["schemas"]["KeptResponse"];
                };
            };
            400: components["responses"]["BadRequest"];
            /** @description `forbidden`: Not enough permissions. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    register_device: {
        parameters: {
            query?: never;
            header?: {
                /** @description A JWT (`dbsc+jwt`, ES256 or RS256) over the challenge. */
                "Secure-Session-Response"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description What the browser is to do from now on. */
            200: {
                headers: {
                    /** @description `__Host-device-proof`, for `DEVICE_PROOF_SECONDS` */
                    "Set-Cookie"?: string;
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "allowed_refresh_initiators": [
                     *         "id.example.com"
                     *       ],
                     *       "credentials": [
                     *         {
                     *           "attributes": "Path=/; HttpOnly; SameSite=Strict; Secure",
                     *           "name": "__Host-device-proof",
                     *           "type": "cookie"
                     *         }
                     *       ],
                     *       "refresh_url": "/api/auth/device/proof",
                     *       "scope": {
                     *         "include_site": false,
                     *         "scope_specification": [
                     *           {
                     *             "path": "/api/auth/refresh",
                     *             "type": "include"
                     *           },
                     *           {
                     *             "path": "/",
                     *             "type": "exclude"
                     *           },
                     *           {
                     *             "path": "/api/auth/refresh",
                     *             "type": "include"
                     *           }
                     *         ]
                     *       },
                     *       "session_identifier": "ZHqDLw6xTYLqSykSw8P5bw"
                     *     }
                     */
                    "application/json": components["schemas"]["DeviceInstructionsResponse"];
                };
            };
            /** @description `invalid_device_proof`: This is no proof of the session's key. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `forbidden`: Not enough permissions. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `not_found`: Not found. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    prove_device: {
        parameters: {
            query?: never;
            header?: {
                /** @description What the browser calls the session. */
                "Sec-Secure-Session-Id"?: string;
                /** @description A JWT (`dbsc+jwt`, ES256 or RS256) over the challenge. */
                "Secure-Session-Response"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It has the key; or the session is over. */
            200: {
                headers: {
                    /** @description What to sign the next time */
                    "Secure-Session-Challenge"?: string;
                    /** @description `__Host-device-proof`, for `DEVICE_PROOF_SECONDS` */
                    "Set-Cookie"?: string;
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "allowed_refresh_initiators": [
                     *         "id.example.com"
                     *       ],
                     *       "credentials": [
                     *         {
                     *           "attributes": "Path=/; HttpOnly; SameSite=Strict; Secure",
                     *           "name": "__Host-device-proof",
                     *           "type": "cookie"
                     *         }
                     *       ],
                     *       "refresh_url": "/api/auth/device/proof",
                     *       "scope": {
                     *         "include_site": false,
                     *         "scope_specification": [
                     *           {
                     *             "path": "/api/auth/refresh",
                     *             "type": "include"
                     *           },
                     *           {
                     *             "path": "/",
                     *             "type": "exclude"
                     *           },
                     *           {
                     *             "path": "/api/auth/refresh",
                     *             "type": "include"
                     *           }
                     *         ]
                     *       },
                     *       "session_identifier": "ZHqDLw6xTYLqSykSw8P5bw"
                     *     }
                     */
                    "application/json": components["schemas"]["DeviceInstructionsResponse"] | components["schemas"]["DeviceForgottenResponse"];
                };
            };
            /** @description `invalid_device_proof`: This is no proof of the session's key. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `device_challenge`: Sign the challenge in Secure-Session-Challenge. `forbidden`: Not enough permissions. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    offer: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description What letters have. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "code": true,
                     *       "link": true,
                     *       "registers": false
                     *     }
                     */
                    "application/json": components["schemas"]["OfferResponse"];
                };
            };
        };
    };
    confirm_email: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "token": "q3yqV0nq0l0o2mY0y8bC1kKq1n1mS2u7q0Q1m0s9xYk"
                 *     }
                 */
                "application/json": components["schemas"]["TokenRequest"];
            };
        };
        responses: {
            /** @description It is the user's address now. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `invalid_token`: This link is not valid any more. Please ask for a new one. `email_taken`: A user with this email already exists. `bad_request`: The request could not be read. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["ValidationFailed"];
            503: components["responses"]["Unavailable"];
        };
    };
    finish: {
        parameters: {
            query?: never;
            header?: {
                /** @description Cookie mode: the refresh token travels in an HttpOnly cookie, and is left out of bodies. */
                "X-Session-Transport"?: "cookie";
                /** @description A proof that the client has a key (RFC 9449): the session that is opened is bound to it, and its tokens are refused without. Not in cookie mode. */
                DPoP?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "challenge": "lkm_0yqf6m1s9yJrU0hC2l7wqB3mE5bq8V4kX1t6n2o9cZs...",
                 *       "code": "271828"
                 *     }
                 */
                "application/json": components["schemas"]["FinishRequest"];
            };
        };
        responses: {
            /** @description The tokens of a new session. */
            200: {
                headers: {
                    /** @description In cookie mode: the refresh token, or its removal. After a log-in also `__Host-latchkey_device` */
                    "Set-Cookie"?: string;
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "access_token": "eyJhbGciOiJFUzI1NiIsInR5cCI6ImF0K2p3dCJ9...",
                     *       "expires_in": 874,
                     *       "refresh_token": "lkr_AYEdDMqFRVOWkdqzcZ9vEvM...",
                     *       "token_type": "bearer"
                     *     }
                     */
                    "application/json": components["schemas"]["TokenPairResponse"] | components["schemas"]["AccessTokenResponse"];
                };
            };
            /** @description `invalid_dpop_proof`: The DPoP header is missing, or it is no proof for this call by the session's key. `use_dpop_nonce`: Please sign the nonce in DPoP-Nonce. `invalid_code`: This code is not valid. `invalid_challenge`: This log-in can't be continued. Please begin again. `inactive_user`: This account has been disabled. `bad_request`: The request could not be read. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `forbidden`: Not enough permissions. `second_factor_required`: Please confirm this log-in with your second factor. `enrolment_required`: Please set up a second factor to finish this log-in. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `not_found`: Not found. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["ValidationFailed"];
            /** @description `rate_limited`: Too many attempts. Please wait a while and try again. */
            429: {
                headers: {
                    /** @description What is left, `r`, and in how many seconds there is more, `t` */
                    RateLimit?: string;
                    /** @description The budget that is used up: name, quota `q`, window `w` in seconds */
                    "RateLimit-Policy"?: string;
                    /** @description Seconds to wait */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            503: components["responses"]["Unavailable"];
        };
    };
    look: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "token": "q3yqV0nq0l0o2mY0y8bC1kKq1n1mS2u7q0Q1m0s9xYk"
                 *     }
                 */
                "application/json": components["schemas"]["LookRequest"];
            };
        };
        responses: {
            /** @description Who asked for it. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "at": "2026-11-26T09:10:00Z",
                     *       "browser": "Firefox on Linux",
                     *       "email": "ada@example.com",
                     *       "ip": "203.0.113.7"
                     *     }
                     */
                    "application/json": components["schemas"]["AskedResponse"];
                };
            };
            /** @description `invalid_challenge`: This log-in can't be continued. Please begin again. `bad_request`: The request could not be read. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `not_found`: Not found. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["ValidationFailed"];
            503: components["responses"]["Unavailable"];
        };
    };
    start: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "email": "ada@example.com"
                 *     }
                 */
                "application/json": components["schemas"]["StartRequest"];
            };
        };
        responses: {
            /** @description The same, whoever it is. */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "challenge": "lkm_0yqf6m1s9yJrU0hC2l7wqB3mE5bq8V4kX1t6n2o9cZs...",
                     *       "expires_in": 1200
                     *     }
                     */
                    "application/json": components["schemas"]["StartedResponse"];
                };
            };
            400: components["responses"]["BadRequest"];
            /** @description `not_found`: Not found. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["ValidationFailed"];
            /** @description `rate_limited`: Too many attempts. Please wait a while and try again. */
            429: {
                headers: {
                    /** @description What is left, `r`, and in how many seconds there is more, `t` */
                    RateLimit?: string;
                    /** @description The budget that is used up: name, quota `q`, window `w` in seconds */
                    "RateLimit-Policy"?: string;
                    /** @description Seconds to wait */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            503: components["responses"]["Unavailable"];
        };
    };
    undo_email_change: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "token": "q3yqV0nq0l0o2mY0y8bC1kKq1n1mS2u7q0Q1m0s9xYk"
                 *     }
                 */
                "application/json": components["schemas"]["TokenRequest"];
            };
        };
        responses: {
            /** @description The old address is the user's again. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `invalid_token`: This link is not valid any more. Please ask for a new one. `email_taken`: A user with this email already exists. `bad_request`: The request could not be read. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["ValidationFailed"];
            503: components["responses"]["Unavailable"];
        };
    };
    verify_email: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "password": "correct horse battery",
                 *       "token": "q3yqV0nq0l0o2mY0y8bC1kKq1n1mS2u7q0Q1m0s9xYk"
                 *     }
                 */
                "application/json": components["schemas"]["VerifyRequest"];
            };
        };
        responses: {
            /** @description The address is confirmed. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `invalid_token`: This link is not valid any more. Please ask for a new one. `invalid_grant`: Incorrect email or password. `bad_request`: The request could not be read. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["ValidationFailed"];
            /** @description `rate_limited`: Too many attempts. Please wait a while and try again. */
            429: {
                headers: {
                    /** @description What is left, `r`, and in how many seconds there is more, `t` */
                    RateLimit?: string;
                    /** @description The budget that is used up: name, quota `q`, window `w` in seconds */
                    "RateLimit-Policy"?: string;
                    /** @description Seconds to wait */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            503: components["responses"]["Unavailable"];
        };
    };
    resend_verification: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "email": "ada@example.com"
                 *     }
                 */
                "application/json": components["schemas"]["AddressRequest"];
            };
        };
        responses: {
            /** @description The same answer, whoever it is. */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "detail": "If there is anybody to write to, a letter is on its way."
                     *     }
                     */
                    "application/json": components["schemas"]["AcceptedResponse"];
                };
            };
            400: components["responses"]["BadRequest"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["ValidationFailed"];
            /** @description `rate_limited`: Too many attempts. Please wait a while and try again. */
            429: {
                headers: {
                    /** @description What is left, `r`, and in how many seconds there is more, `t` */
                    RateLimit?: string;
                    /** @description The budget that is used up: name, quota `q`, window `w` in seconds */
                    "RateLimit-Policy"?: string;
                    /** @description Seconds to wait */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            503: components["responses"]["Unavailable"];
        };
    };
    login: {
        parameters: {
            query?: never;
            header?: {
                /** @description Cookie mode: the refresh token travels in an HttpOnly cookie, and is left out of bodies. */
                "X-Session-Transport"?: "cookie";
                /** @description A proof that the client has a key (RFC 9449): the session that is opened is bound to it, and its tokens are refused without. Not in cookie mode. */
                DPoP?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "password": "correct horse battery",
                 *       "username": "ada@example.com"
                 *     }
                 */
                "application/json": components["schemas"]["LoginRequest"];
                "application/x-www-form-urlencoded": {
                    /** Client Id */
                    client_id?: string;
                    /**
                     * Client Secret
                     * Format: password
                     */
                    client_secret?: string;
                    /**
                     * Grant Type
                     * @enum {string}
                     */
                    grant_type?: "password" | "";
                    /**
                     * Password
                     * Format: password
                     */
                    password: string;
                    /** Scope */
                    scope?: string;
                    /** Username */
                    username: string;
                };
            };
        };
        responses: {
            /** @description The tokens of a new session. */
            200: {
                headers: {
                    /** @description In cookie mode: the refresh token, or its removal. After a log-in also `__Host-latchkey_device` */
                    "Set-Cookie"?: string;
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "access_token": "eyJhbGciOiJFUzI1NiIsInR5cCI6ImF0K2p3dCJ9...",
                     *       "expires_in": 874,
                     *       "refresh_token": "lkr_AYEdDMqFRVOWkdqzcZ9vEvM...",
                     *       "token_type": "bearer"
                     *     }
                     */
                    "application/json": components["schemas"]["TokenPairResponse"] | components["schemas"]["AccessTokenResponse"];
                };
            };
            /** @description `invalid_grant`: Incorrect email or password. `inactive_user`: This account has been disabled. `invalid_dpop_proof`: The DPoP header is missing, or it is no proof for this call by the session's key. `use_dpop_nonce`: Please sign the nonce in DPoP-Nonce. `bad_request`: The request could not be read. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `forbidden`: Not enough permissions. `second_factor_required`: Please confirm this log-in with your second factor. `enrolment_required`: Please set up a second factor to finish this log-in. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["ValidationFailed"];
            /** @description `rate_limited`: Too many attempts. Please wait a while and try again. */
            429: {
                headers: {
                    /** @description What is left, `r`, and in how many seconds there is more, `t` */
                    RateLimit?: string;
                    /** @description The budget that is used up: name, quota `q`, window `w` in seconds */
                    "RateLimit-Policy"?: string;
                    /** @description Seconds to wait */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            503: components["responses"]["Unavailable"];
        };
    };
    logout: {
        parameters: {
            query?: never;
            header?: {
                /** @description Cookie mode: the refresh token travels in an HttpOnly cookie, and is left out of bodies. */
                "X-Session-Transport"?: "cookie";
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: {
            content: {
                /**
                 * @example {
                 *       "refresh_token": "lkr_AYEdDMqFRVOWkdqzcZ9vEvM..."
                 *     }
                 */
                "application/json": components["schemas"]["LogoutRequest"];
            };
        };
        responses: {
            /** @description The session is over, or never was. */
            204: {
                headers: {
                    /** @description In cookie mode: the refresh token, or its removal. After a log-in also `__Host-latchkey_device` */
                    "Set-Cookie"?: string;
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["BadRequest"];
            /** @description `not_authenticated`: Not authenticated. `invalid_token`: Could not validate credentials. */
            401: {
                headers: {
                    /** @description `Bearer`, with `error` when a token was given (RFC 6750) */
                    "WWW-Authenticate"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `forbidden`: Not enough permissions. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["ValidationFailed"];
            503: components["responses"]["Unavailable"];
        };
    };
    logout_all: {
        parameters: {
            query?: never;
            header?: {
                /** @description Cookie mode: the refresh token travels in an HttpOnly cookie, and is left out of bodies. */
                "X-Session-Transport"?: "cookie";
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Every session is over. */
            204: {
                headers: {
                    /** @description In cookie mode: the refresh token, or its removal. After a log-in also `__Host-latchkey_device` */
                    "Set-Cookie"?: string;
                    [name: string]: unknown;
                };
                content?: never;
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            /** @description `forbidden`: Not enough permissions. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            503: components["responses"]["Unavailable"];
        };
    };
    get_options: {
        parameters: {
            query?: never;
            header?: {
                /** @description The `ETag` of the one you have. */
                "If-None-Match"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description What there is. */
            200: {
                headers: {
                    /** @description Its version */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "confirm_email": true,
                     *       "languages": [
                     *         "en",
                     *         "de"
                     *       ],
                     *       "name": "Latchkey",
                     *       "password": {
                     *         "max_length": 256,
                     *         "min_length": 8
                     *       },
                     *       "registration": "open",
                     *       "second_factor": {
                     *         "set_up": true,
                     *         "trust_device": true
                     *       },
                     *       "ways": [
                     *         {
                     *           "kind": "password"
                     *         },
                     *         {
                     *           "code": true,
                     *           "kind": "mail",
                     *           "link": true,
                     *           "registers": false
                     *         },
                     *         {
                     *           "brand": "google",
                     *           "id": "google",
                     *           "kind": "provider",
                     *           "name": "Google",
                     *           "registers": true
                     *         }
                     *       ]
                     *     }
                     */
                    "application/json": components["schemas"]["OptionsResponse"];
                };
            };
            /** @description You have it. */
            304: {
                headers: {
                    /** @description Its version */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    log_in: {
        parameters: {
            query?: never;
            header?: {
                /** @description Cookie mode: the refresh token travels in an HttpOnly cookie, and is left out of bodies. */
                "X-Session-Transport"?: "cookie";
                /** @description A proof that the client has a key (RFC 9449): the session that is opened is bound to it, and its tokens are refused without. Not in cookie mode. */
                DPoP?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "credential": {
                 *         "clientExtensionResults": {},
                 *         "id": "mZ4l8s2u0m1Qk7nq3cR9rA",
                 *         "rawId": "mZ4l8s2u0m1Qk7nq3cR9rA",
                 *         "response": {
                 *           "authenticatorData": "SZYN5YgOjGh0NBcPZHZgW4_krrmihjLHmVzzuoMdl2MdAAAAAA",
                 *           "clientDataJSON": "eyJ0eXBlIjoid2ViYXV0aG4uZ2V0Iiwi...",
                 *           "signature": "MEUCIQDk...",
                 *           "userHandle": "nAqo5VpMQo2m7e6Uf3rS2w"
                 *         },
                 *         "type": "public-key"
                 *       }
                 *     }
                 */
                "application/json": components["schemas"]["PasskeyLoginRequest"];
            };
        };
        responses: {
            /** @description The tokens of a new session. */
            200: {
                headers: {
                    /** @description In cookie mode: the refresh token, or its removal. After a log-in also `__Host-latchkey_device` */
                    "Set-Cookie"?: string;
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "access_token": "eyJhbGciOiJFUzI1NiIsInR5cCI6ImF0K2p3dCJ9...",
                     *       "expires_in": 874,
                     *       "refresh_token": "lkr_AYEdDMqFRVOWkdqzcZ9vEvM...",
                     *       "token_type": "bearer"
                     *     }
                     */
                    "application/json": components["schemas"]["TokenPairResponse"] | components["schemas"]["AccessTokenResponse"];
                };
            };
            /** @description `invalid_dpop_proof`: The DPoP header is missing, or it is no proof for this call by the session's key. `use_dpop_nonce`: Please sign the nonce in DPoP-Nonce. `invalid_passkey`: This passkey can't be used here. Please try again, or another way. `inactive_user`: This account has been disabled. `bad_request`: The request could not be read. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `forbidden`: Not enough permissions. `second_factor_required`: Please confirm this log-in with your second factor. `enrolment_required`: Please set up a second factor to finish this log-in. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["ValidationFailed"];
            /** @description `rate_limited`: Too many attempts. Please wait a while and try again. */
            429: {
                headers: {
                    /** @description What is left, `r`, and in how many seconds there is more, `t` */
                    RateLimit?: string;
                    /** @description The budget that is used up: name, quota `q`, window `w` in seconds */
                    "RateLimit-Policy"?: string;
                    /** @description Seconds to wait */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            503: components["responses"]["Unavailable"];
        };
    };
    log_in_options: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description What to ask the browser for. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "challenge": "gq3kqv2hT2m2b0l8wVnZVwAAAZq...",
                     *       "rpId": "example.com",
                     *       "timeout": 300000,
                     *       "userVerification": "required"
                     *     }
                     */
                    "application/json": components["schemas"]["RequestOptionsResponse"];
                };
            };
        };
    };
    register_with_passkey: {
        parameters: {
            query?: never;
            header?: {
                /** @description Cookie mode: the refresh token travels in an HttpOnly cookie, and is left out of bodies. */
                "X-Session-Transport"?: "cookie";
                /** @description A proof that the client has a key (RFC 9449): the session that is opened is bound to it, and its tokens are refused without. Not in cookie mode. */
                DPoP?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "credential": {
                 *         "clientExtensionResults": {
                 *           "credProps": {
                 *             "rk": true
                 *           }
                 *         },
                 *         "rawId": "mZ4l8s2u0m1Qk7nq3cR9rA",
                 *         "response": {
                 *           "attestationObject": "o2NmbXRkbm9uZWdhdHRTdG10oGhhdXRoRGF0YViU...",
                 *           "clientDataJSON": "eyJ0eXBlIjoid2ViYXV0aG4uY3JlYXRlIiwi...",
                 *           "transports": [
                 *             "internal",
                 *             "hybrid"
                 *           ]
                 *         },
                 *         "type": "public-key"
                 *       },
                 *       "email": "ada@example.com",
                 *       "registration": "811d0cca-8545-4396-91da-b3719f6f12f3"
                 *     }
                 */
                "application/json": components["schemas"]["ConfirmRegistrationRequest"];
            };
        };
        responses: {
            /** @description The tokens of a new session, and recovery codes. */
            200: {
                headers: {
                    /** @description In cookie mode: the refresh token, or its removal. After a log-in also `__Host-latchkey_device` */
                    "Set-Cookie"?: string;
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "access_token": "eyJhbGciOiJFUzI1NiIsInR5cCI6ImF0K2p3dCJ9...",
                     *       "expires_in": 874,
                     *       "recovery_codes": [
                     *         "4K7QX-93VZ-T8MR",
                     *         "..."
                     *       ],
                     *       "refresh_token": "lkr_AYEdDMqFRVOWkdqzcZ9vEvM...",
                     *       "token_type": "bearer"
                     *     }
                     */
                    "application/json": components["schemas"]["EnrolledResponse"] | components["schemas"]["EnrolledInCookieResponse"];
                };
            };
            /** @description `invalid_dpop_proof`: The DPoP header is missing, or it is no proof for this call by the session's key. `use_dpop_nonce`: Please sign the nonce in DPoP-Nonce. `invalid_passkey`: This passkey can't be used here. Please try again, or another way. `email_taken`: A user with this email already exists. `bad_request`: The request could not be read. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `forbidden`: Not enough permissions. `second_factor_required`: Please confirm this log-in with your second factor. `enrolment_required`: Please set up a second factor to finish this log-in. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `not_found`: Not found. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["ValidationFailed"];
            /** @description `rate_limited`: Too many attempts. Please wait a while and try again. */
            429: {
                headers: {
                    /** @description What is left, `r`, and in how many seconds there is more, `t` */
                    RateLimit?: string;
                    /** @description The budget that is used up: name, quota `q`, window `w` in seconds */
                    "RateLimit-Policy"?: string;
                    /** @description Seconds to wait */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            503: components["responses"]["Unavailable"];
        };
    };
    registration_options: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "email": "ada@example.com",
                 *       "full_name": "Ada Lovelace"
                 *     }
                 */
                "application/json": components["schemas"]["PasskeyRegistrationRequest"];
            };
        };
        responses: {
            /** @description What passkey the browser is to make. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "options": {
                     *         "attestation": "none",
                     *         "authenticatorSelection": {
                     *           "residentKey": "required",
                     *           "userVerification": "required"
                     *         },
                     *         "challenge": "gq3kqv2hT2m2b0l8wVnZVwAAAZq...",
                     *         "excludeCredentials": [],
                     *         "extensions": {
                     *           "credProps": true
                     *         },
                     *         "pubKeyCredParams": [
                     *           {
                     *             "alg": -7,
                     *             "type": "public-key"
                     *           },
                     *           {
                     *             "alg": -8,
                     *             "type": "public-key"
                     *           },
                     *           {
                     *             "alg": -257,
                     *             "type": "public-key"
                     *           }
                     *         ],
                     *         "rp": {
                     *           "id": "example.com",
                     *           "name": "Latchkey"
                     *         },
                     *         "timeout": 300000,
                     *         "user": {
                     *           "displayName": "Ada Lovelace",
                     *           "id": "nAqo5VpMQo2m7e6Uf3rS2w",
                     *           "name": "ada@example.com"
                     *         }
                     *       },
                     *       "registration": "811d0cca-8545-4396-91da-b3719f6f12f3"
                     *     }
                     */
                    "application/json": components["schemas"]["PasskeyRegistrationResponse"];
                };
            };
            400: components["responses"]["BadRequest"];
            /** @description `not_found`: Not found. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["ValidationFailed"];
            503: components["responses"]["Unavailable"];
        };
    };
    forgot_password: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "email": "ada@example.com"
                 *     }
                 */
                "application/json": components["schemas"]["AddressRequest"];
            };
        };
        responses: {
            /** @description The same answer, whoever it is. */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "detail": "If there is anybody to write to, a letter is on its way."
                     *     }
                     */
                    "application/json": components["schemas"]["AcceptedResponse"];
                };
            };
            400: components["responses"]["BadRequest"];
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["ValidationFailed"];
            /** @description `rate_limited`: Too many attempts. Please wait a while and try again. */
            429: {
                headers: {
                    /** @description What is left, `r`, and in how many seconds there is more, `t` */
                    RateLimit?: string;
                    /** @description The budget that is used up: name, quota `q`, window `w` in seconds */
                    "RateLimit-Policy"?: string;
                    /** @description Seconds to wait */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            503: components["responses"]["Unavailable"];
        };
    };
    reset_password: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "password": "a new one altogether",
                 *       "token": "q3yqV0nq0l0o2mY0y8bC1kKq1n1mS2u7q0Q1m0s9xYk"
                 *     }
                 */
                "application/json": components["schemas"]["ResetRequest"];
            };
        };
        responses: {
            /** @description The password is set. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `invalid_token`: This link is not valid any more. Please ask for a new one. `bad_request`: The request could not be read. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["ValidationFailed"];
            503: components["responses"]["Unavailable"];
        };
    };
    list_providers: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Those there are. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example [
                     *       {
                     *         "brand": "google",
                     *         "id": "google",
                     *         "name": "Google"
                     *       },
                     *       {
                     *         "brand": "openid",
                     *         "id": "corp",
                     *         "name": "Example Ltd"
                     *       }
                     *     ]
                     */
                    "application/json": components["schemas"]["OfferedResponse"][];
                };
            };
        };
    };
    link_identity: {
        parameters: {
            query?: never;
            header?: {
                /** @description Cookie mode: the refresh token travels in an HttpOnly cookie, and is left out of bodies. */
                "X-Session-Transport"?: "cookie";
                /** @description A proof that the client has a key (RFC 9449): the session that is opened is bound to it, and its tokens are refused without. Not in cookie mode. */
                DPoP?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "challenge": "lkl_0yqf6m1s9yJrU0hC2l7wqB3mE5bq8V4kX1t6n2o9cZs...",
                 *       "password": "correct horse battery"
                 *     }
                 */
                "application/json": components["schemas"]["ProviderLinkRequest"];
            };
        };
        responses: {
            /** @description The tokens of a new session. It is linked. */
            200: {
                headers: {
                    /** @description In cookie mode: the refresh token, or its removal. After a log-in also `__Host-latchkey_device` */
                    "Set-Cookie"?: string;
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "access_token": "eyJhbGciOiJFUzI1NiIsInR5cCI6ImF0K2p3dCJ9...",
                     *       "expires_in": 874,
                     *       "refresh_token": "lkr_AYEdDMqFRVOWkdqzcZ9vEvM...",
                     *       "token_type": "bearer"
                     *     }
                     */
                    "application/json": components["schemas"]["TokenPairResponse"] | components["schemas"]["AccessTokenResponse"];
                };
            };
            /** @description `invalid_dpop_proof`: The DPoP header is missing, or it is no proof for this call by the session's key. `use_dpop_nonce`: Please sign the nonce in DPoP-Nonce. `invalid_grant`: Incorrect email or password. `invalid_code`: This code is not valid. `invalid_passkey`: This passkey can't be used here. Please try again, or another way. `invalid_challenge`: This log-in can't be continued. Please begin again. `inactive_user`: This account has been disabled. `email_taken`: A user with this email already exists. `bad_request`: The request could not be read. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `forbidden`: Not enough permissions. `second_factor_required`: Please confirm this log-in with your second factor. `enrolment_required`: Please set up a second factor to finish this log-in. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `already_linked`: This account of the provider opens another account here. Remove it there first. */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["ValidationFailed"];
            /** @description `rate_limited`: Too many attempts. Please wait a while and try again. */
            429: {
                headers: {
                    /** @description What is left, `r`, and in how many seconds there is more, `t` */
                    RateLimit?: string;
                    /** @description The budget that is used up: name, quota `q`, window `w` in seconds */
                    "RateLimit-Policy"?: string;
                    /** @description Seconds to wait */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            503: components["responses"]["Unavailable"];
        };
    };
    mail_link_code: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "challenge": "lkl_0yqf6m1s9yJrU0hC2l7wqB3mE5bq8V4kX1t6n2o9cZs..."
                 *     }
                 */
                "application/json": components["schemas"]["ProviderLinkMailRequest"];
            };
        };
        responses: {
            /** @description Go on with this challenge. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "challenge": "lkl_0yqf6m1s9yJrU0hC2l7wqB3mE5bq8V4kX1t6n2o9cZs...",
                     *       "expires_at": "2026-11-27T09:20:00Z"
                     *     }
                     */
                    "application/json": components["schemas"]["ProviderLinkMailResponse"];
                };
            };
            /** @description `invalid_challenge`: This log-in can't be continued. Please begin again. `bad_request`: The request could not be read. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["ValidationFailed"];
            /** @description `rate_limited`: Too many attempts. Please wait a while and try again. */
            429: {
                headers: {
                    /** @description What is left, `r`, and in how many seconds there is more, `t` */
                    RateLimit?: string;
                    /** @description The budget that is used up: name, quota `q`, window `w` in seconds */
                    "RateLimit-Policy"?: string;
                    /** @description Seconds to wait */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            503: components["responses"]["Unavailable"];
        };
    };
    link_passkey_options: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "challenge": "lkl_0yqf6m1s9yJrU0hC2l7wqB3mE5bq8V4kX1t6n2o9cZs..."
                 *     }
                 */
                "application/json": components["schemas"]["ProviderLinkOptionsRequest"];
            };
        };
        responses: {
            /** @description What to ask the browser for. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "allowCredentials": [
                     *         {
                     *           "id": "mZ4l8s2u0m1Qk7nq3cR9rA",
                     *           "transports": [
                     *             "internal"
                     *           ],
                     *           "type": "public-key"
                     *         }
                     *       ],
                     *       "challenge": "gq3kqv2hT2m2b0l8wVnZVwAAAZq...",
                     *       "rpId": "example.com",
                     *       "timeout": 300000,
                     *       "userVerification": "preferred"
                     *     }
                     */
                    "application/json": components["schemas"]["RequestOptionsResponse"];
                };
            };
            /** @description `invalid_challenge`: This log-in can't be continued. Please begin again. `bad_request`: The request could not be read. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `not_found`: Not found. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["ValidationFailed"];
            503: components["responses"]["Unavailable"];
        };
    };
    finish_provider: {
        parameters: {
            query?: never;
            header?: {
                /** @description Cookie mode: the refresh token travels in an HttpOnly cookie, and is left out of bodies. */
                "X-Session-Transport"?: "cookie";
                /** @description A proof that the client has a key (RFC 9449): the session that is opened is bound to it, and its tokens are refused without. Not in cookie mode. */
                DPoP?: string;
            };
            path: {
                provider: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "code": "4/0AfJohXk...",
                 *       "flow": "3Vt0m1Yp3xTt2cD8jJm6o0bP8b2Q1k9f7s5n4u3a2xE",
                 *       "iss": "https://accounts.google.com",
                 *       "state": "8fZk2m1s9yJrU0hC2l7wqB3mE5bq8V4kX1t6n2o9cZs"
                 *     }
                 */
                "application/json": components["schemas"]["ProviderFinishRequest"];
            };
        };
        responses: {
            /** @description The tokens of a new session. */
            200: {
                headers: {
                    /** @description In cookie mode: the refresh token, or its removal. After a log-in also `__Host-latchkey_device` */
                    "Set-Cookie"?: string;
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "access_token": "eyJhbGciOiJFUzI1NiIsInR5cCI6ImF0K2p3dCJ9...",
                     *       "expires_in": 874,
                     *       "refresh_token": "lkr_AYEdDMqFRVOWkdqzcZ9vEvM...",
                     *       "return_to": "/settings",
                     *       "token_type": "bearer"
                     *     }
                     */
                    "application/json": components["schemas"]["ReturningResponse"] | components["schemas"]["ReturningInCookieResponse"];
                };
            };
            /** @description It is linked, or the session is fresh. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `invalid_dpop_proof`: The DPoP header is missing, or it is no proof for this call by the session's key. `use_dpop_nonce`: Please sign the nonce in DPoP-Nonce. `invalid_grant`: Incorrect email or password. `account_not_linked`: Please show that this account is yours, to log in with this provider from now on. `inactive_user`: This account has been disabled. `email_taken`: A user with this email already exists. `bad_request`: The request could not be read. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `not_authenticated`: Not authenticated. `invalid_token`: Could not validate credentials. */
            401: {
                headers: {
                    /** @description `Bearer`, with `error` when a token was given (RFC 6750) */
                    "WWW-Authenticate"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `forbidden`: Not enough permissions. `second_factor_required`: Please confirm this log-in with your second factor. `enrolment_required`: Please set up a second factor to finish this log-in. `email_unverified`: Please confirm your e-mail address first. `reauthentication_required`: Please confirm your password to continue. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `not_found`: Not found. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `already_linked`: This account of the provider opens another account here. Remove it there first. */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["ValidationFailed"];
            /** @description `rate_limited`: Too many attempts. Please wait a while and try again. */
            429: {
                headers: {
                    /** @description What is left, `r`, and in how many seconds there is more, `t` */
                    RateLimit?: string;
                    /** @description The budget that is used up: name, quota `q`, window `w` in seconds */
                    "RateLimit-Policy"?: string;
                    /** @description Seconds to wait */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `provider_failed`: The provider didn't answer as it should. Please try again, or log in another way. */
            502: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            503: components["responses"]["Unavailable"];
        };
    };
    start_provider: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                provider: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "intent": "login",
                 *       "return_to": "/settings"
                 *     }
                 */
                "application/json": components["schemas"]["ProviderStartRequest"];
            };
        };
        responses: {
            /** @description Where to go. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "expires_at": "2026-11-27T09:10:00Z",
                     *       "flow": "3Vt0m1Yp3xTt2cD8jJm6o0bP8b2Q1k9f7s5n4u3a2xE",
                     *       "url": "https://accounts.google.com/o/oauth2/v2/auth?client_id=..."
                     *     }
                     */
                    "application/json": components["schemas"]["ProviderStartedResponse"];
                };
            };
            /** @description `bad_request`: The request could not be read. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `not_authenticated`: Not authenticated. `invalid_token`: Could not validate credentials. */
            401: {
                headers: {
                    /** @description `Bearer`, with `error` when a token was given (RFC 6750) */
                    "WWW-Authenticate"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `email_unverified`: Please confirm your e-mail address first. `reauthentication_required`: Please confirm your password to continue. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `not_found`: Not found. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["ValidationFailed"];
            /** @description `rate_limited`: Too many attempts. Please wait a while and try again. */
            429: {
                headers: {
                    /** @description What is left, `r`, and in how many seconds there is more, `t` */
                    RateLimit?: string;
                    /** @description The budget that is used up: name, quota `q`, window `w` in seconds */
                    "RateLimit-Policy"?: string;
                    /** @description Seconds to wait */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `provider_failed`: The provider didn't answer as it should. Please try again, or log in another way. */
            502: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            503: components["responses"]["Unavailable"];
        };
    };
    reauthenticate: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "password": "correct horse battery"
                 *     }
                 */
                "application/json": components["schemas"]["ReauthenticateRequest"];
            };
        };
        responses: {
            /** @description The session is fresh. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `invalid_grant`: Incorrect email or password. `invalid_code`: This code is not valid. `invalid_passkey`: This passkey can't be used here. Please try again, or another way. `bad_request`: The request could not be read. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            401: components["responses"]["Unauthorized"];
            /** @description `reauthentication_required`: Please confirm your password to continue. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["ValidationFailed"];
            /** @description `rate_limited`: Too many attempts. Please wait a while and try again. */
            429: {
                headers: {
                    /** @description What is left, `r`, and in how many seconds there is more, `t` */
                    RateLimit?: string;
                    /** @description The budget that is used up: name, quota `q`, window `w` in seconds */
                    "RateLimit-Policy"?: string;
                    /** @description Seconds to wait */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            503: components["responses"]["Unavailable"];
        };
    };
    step_up_options: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description What to ask the browser for. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "allowCredentials": [
                     *         {
                     *           "id": "mZ4l8s2u0m1Qk7nq3cR9rA",
                     *           "transports": [
                     *             "internal"
                     *           ],
                     *           "type": "public-key"
                     *         }
                     *       ],
                     *       "challenge": "gq3kqv2hT2m2b0l8wVnZVwAAAZq...",
                     *       "rpId": "example.com",
                     *       "timeout": 300000,
                     *       "userVerification": "preferred"
                     *     }
                     */
                    "application/json": components["schemas"]["RequestOptionsResponse"];
                };
            };
            401: components["responses"]["Unauthorized"];
            /** @description `not_found`: Not found. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            503: components["responses"]["Unavailable"];
        };
    };
    refresh: {
        parameters: {
            query?: {
                /** @description By a page that has just been opened: it gets the `user` as well; and without a cookie, in cookie mode, 204: that nobody is logged in is no error then. */
                opening?: boolean;
            };
            header?: {
                /** @description Cookie mode: the refresh token travels in an HttpOnly cookie, and is left out of bodies. */
                "X-Session-Transport"?: "cookie";
                /** @description A proof that the client has a key (RFC 9449): the session that is opened is bound to it, and its tokens are refused without. Not in cookie mode. */
                DPoP?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: {
            content: {
                /**
                 * @example {
                 *       "refresh_token": "lkr_AYEdDMqFRVOWkdqzcZ9vEvM..."
                 *     }
                 */
                "application/json": components["schemas"]["RefreshRequest"];
            };
        };
        responses: {
            /** @description The next tokens of the session. */
            200: {
                headers: {
                    /** @description In cookie mode: the refresh token, or its removal. After a log-in also `__Host-latchkey_device` */
                    "Set-Cookie"?: string;
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "access_token": "eyJhbGciOiJFUzI1NiIsInR5cCI6ImF0K2p3dCJ9...",
                     *       "expires_in": 874,
                     *       "refresh_token": "lkr_AYEdDMqFRVOWkdqzcZ9vEvM...",
                     *       "token_type": "bearer"
                     *     }
                     */
                    "application/json": components["schemas"]["TokenPairResponse"] | components["schemas"]["AccessTokenResponse"];
                };
            };
            /** @description With `opening`, in cookie mode: there is no cookie. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `invalid_grant`: The refresh token is not valid. `invalid_dpop_proof`: The DPoP header is missing, or it is no proof for this call by the session's key. `use_dpop_nonce`: Please sign the nonce in DPoP-Nonce. `bad_request`: The request could not be read. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `forbidden`: Not enough permissions. `device_proof_required`: This session belongs to another device. Please log in here. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["ValidationFailed"];
            /** @description `rate_limited`: Too many attempts. Please wait a while and try again. */
            429: {
                headers: {
                    /** @description What is left, `r`, and in how many seconds there is more, `t` */
                    RateLimit?: string;
                    /** @description The budget that is used up: name, quota `q`, window `w` in seconds */
                    "RateLimit-Policy"?: string;
                    /** @description Seconds to wait */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            503: components["responses"]["Unavailable"];
        };
    };
    register: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "email": "ada@example.com",
                 *       "full_name": "Ada Lovelace",
                 *       "password": "correct horse battery"
                 *     }
                 */
                "application/json": components["schemas"]["RegisterRequest"];
            };
        };
        responses: {
            /** @description The new user. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "created_at": "2026-11-23T09:00:00Z",
                     *       "email": "ada@example.com",
                     *       "email_verified": false,
                     *       "factors": [],
                     *       "full_name": "Ada Lovelace",
                     *       "id": "811d0cca-8545-4396-91da-b3719f6f12f3",
                     *       "is_active": true,
                     *       "is_superuser": false,
                     *       "updated_at": null
                     *     }
                     */
                    "application/json": components["schemas"]["UserResponse"];
                };
            };
            /** @description With `REQUIRE_EMAIL_VERIFICATION`, whoever it is. */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "detail": "A letter is on its way to that address. Please use the link in it."
                     *     }
                     */
                    "application/json": components["schemas"]["AcceptedResponse"];
                };
            };
            /** @description `email_taken`: A user with this email already exists. `bad_request`: The request could not be read. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["ValidationFailed"];
            /** @description `rate_limited`: Too many attempts. Please wait a while and try again. */
            429: {
                headers: {
                    /** @description What is left, `r`, and in how many seconds there is more, `t` */
                    RateLimit?: string;
                    /** @description The budget that is used up: name, quota `q`, window `w` in seconds */
                    "RateLimit-Policy"?: string;
                    /** @description Seconds to wait */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            503: components["responses"]["Unavailable"];
        };
    };
    show_second_factor: {
        parameters: {
            query?: never;
            header?: {
                /** @description Cookie mode: the refresh token travels in an HttpOnly cookie, and is left out of bodies. */
                "X-Session-Transport"?: "cookie";
                /** @description A proof that the client has a key (RFC 9449): the session that is opened is bound to it, and its tokens are refused without. Not in cookie mode. */
                DPoP?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "challenge": "lkc_AfMkv7Q0VE2pqvJrFbIHEM...",
                 *       "code": "271828",
                 *       "trust_device": true
                 *     }
                 */
                "application/json": components["schemas"]["SecondFactorRequest"];
            };
        };
        responses: {
            /** @description The tokens of a new session. */
            200: {
                headers: {
                    /** @description In cookie mode: the refresh token, or its removal. After a log-in also `__Host-latchkey_device` */
                    "Set-Cookie"?: string;
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "access_token": "eyJhbGciOiJFUzI1NiIsInR5cCI6ImF0K2p3dCJ9...",
                     *       "expires_in": 874,
                     *       "refresh_token": "lkr_AYEdDMqFRVOWkdqzcZ9vEvM...",
                     *       "token_type": "bearer"
                     *     }
                     */
                    "application/json": components["schemas"]["TokenPairResponse"] | components["schemas"]["AccessTokenResponse"];
                };
            };
            /** @description `invalid_dpop_proof`: The DPoP header is missing, or it is no proof for this call by the session's key. `use_dpop_nonce`: Please sign the nonce in DPoP-Nonce. `invalid_code`: This code is not valid. `invalid_passkey`: This passkey can't be used here. Please try again, or another way. `invalid_challenge`: This log-in can't be continued. Please begin again. `inactive_user`: This account has been disabled. `bad_request`: The request could not be read. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `forbidden`: Not enough permissions. `second_factor_required`: Please confirm this log-in with your second factor. `enrolment_required`: Please set up a second factor to finish this log-in. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["ValidationFailed"];
            /** @description `rate_limited`: Too many attempts. Please wait a while and try again. */
            429: {
                headers: {
                    /** @description What is left, `r`, and in how many seconds there is more, `t` */
                    RateLimit?: string;
                    /** @description The budget that is used up: name, quota `q`, window `w` in seconds */
                    "RateLimit-Policy"?: string;
                    /** @description Seconds to wait */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            503: components["responses"]["Unavailable"];
        };
    };
    begin_enrolment: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "challenge": "lkc_AfMkv7Q0VE2pqvJrFbIHEM...",
                 *       "kind": "totp"
                 *     }
                 */
                "application/json": components["schemas"]["EnrolRequest"];
            };
        };
        responses: {
            /** @description A secret, not in force yet; or what passkey the browser is to make. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "enrolment": "5f0c1f5e-9c5e-4d52-8a57-2c3b8a1f0d11",
                     *       "expires_at": "2026-11-23T09:15:00Z",
                     *       "mail_code": true,
                     *       "secret": "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP",
                     *       "uri": "otpauth://totp/Latchkey:ada@example.com?secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP&issuer=Latchkey"
                     *     }
                     */
                    "application/json": components["schemas"]["DoorEnrolmentResponse"] | components["schemas"]["DoorPasskeyResponse"];
                };
            };
            /** @description `invalid_challenge`: This log-in can't be continued. Please begin again. `bad_request`: The request could not be read. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `email_unverified`: Please confirm your e-mail address first. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `not_found`: Not found. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["ValidationFailed"];
            /** @description `rate_limited`: Too many attempts. Please wait a while and try again. */
            429: {
                headers: {
                    /** @description What is left, `r`, and in how many seconds there is more, `t` */
                    RateLimit?: string;
                    /** @description The budget that is used up: name, quota `q`, window `w` in seconds */
                    "RateLimit-Policy"?: string;
                    /** @description Seconds to wait */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            503: components["responses"]["Unavailable"];
        };
    };
    confirm_enrolment: {
        parameters: {
            query?: never;
            header?: {
                /** @description Cookie mode: the refresh token travels in an HttpOnly cookie, and is left out of bodies. */
                "X-Session-Transport"?: "cookie";
                /** @description A proof that the client has a key (RFC 9449): the session that is opened is bound to it, and its tokens are refused without. Not in cookie mode. */
                DPoP?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "challenge": "lkc_AfMkv7Q0VE2pqvJrFbIHEM...",
                 *       "code": "271828",
                 *       "enrolment": "5f0c1f5e-9c5e-4d52-8a57-2c3b8a1f0d11",
                 *       "mail_code": "314159"
                 *     }
                 */
                "application/json": components["schemas"]["EnrolConfirmRequest"];
            };
        };
        responses: {
            /** @description The tokens of a new session, and recovery codes. */
            200: {
                headers: {
                    /** @description In cookie mode: the refresh token, or its removal. After a log-in also `__Host-latchkey_device` */
                    "Set-Cookie"?: string;
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "access_token": "eyJhbGciOiJFUzI1NiIsInR5cCI6ImF0K2p3dCJ9...",
                     *       "expires_in": 874,
                     *       "recovery_codes": [
                     *         "4K7QX-93VZ-T8MR",
                     *         "..."
                     *       ],
                     *       "refresh_token": "lkr_AYEdDMqFRVOWkdqzcZ9vEvM...",
                     *       "token_type": "bearer"
                     *     }
                     */
                    "application/json": components["schemas"]["EnrolledResponse"] | components["schemas"]["EnrolledInCookieResponse"];
                };
            };
            /** @description `invalid_dpop_proof`: The DPoP header is missing, or it is no proof for this call by the session's key. `use_dpop_nonce`: Please sign the nonce in DPoP-Nonce. `invalid_code`: This code is not valid. `invalid_passkey`: This passkey can't be used here. Please try again, or another way. `invalid_challenge`: This log-in can't be continued. Please begin again. `inactive_user`: This account has been disabled. `bad_request`: The request could not be read. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `email_unverified`: Please confirm your e-mail address first. `forbidden`: Not enough permissions. `second_factor_required`: Please confirm this log-in with your second factor. `enrolment_required`: Please set up a second factor to finish this log-in. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `not_found`: Not found. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["ValidationFailed"];
            /** @description `rate_limited`: Too many attempts. Please wait a while and try again. */
            429: {
                headers: {
                    /** @description What is left, `r`, and in how many seconds there is more, `t` */
                    RateLimit?: string;
                    /** @description The budget that is used up: name, quota `q`, window `w` in seconds */
                    "RateLimit-Policy"?: string;
                    /** @description Seconds to wait */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            503: components["responses"]["Unavailable"];
        };
    };
    second_step_options: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "challenge": "lkc_AfMkv7Q0VE2pqvJrFbIHEM..."
                 *     }
                 */
                "application/json": components["schemas"]["ChallengeRequest"];
            };
        };
        responses: {
            /** @description What to ask the browser for. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "allowCredentials": [
                     *         {
                     *           "id": "mZ4l8s2u0m1Qk7nq3cR9rA",
                     *           "transports": [
                     *             "internal"
                     *           ],
                     *           "type": "public-key"
                     *         }
                     *       ],
                     *       "challenge": "gq3kqv2hT2m2b0l8wVnZVwAAAZq...",
                     *       "rpId": "example.com",
                     *       "timeout": 300000,
                     *       "userVerification": "preferred"
                     *     }
                     */
                    "application/json": components["schemas"]["RequestOptionsResponse"];
                };
            };
            /** @description `invalid_challenge`: This log-in can't be continued. Please begin again. `bad_request`: The request could not be read. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `not_found`: Not found. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["ValidationFailed"];
            503: components["responses"]["Unavailable"];
        };
    };
    ask_recovery: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "challenge": "lkc_AfMkv7Q0VE2pqvJrFbIHEM..."
                 *     }
                 */
                "application/json": components["schemas"]["RecoverRequest"];
            };
        };
        responses: {
            /** @description An e-mail with a link is on its way. */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "detail": "If the address is confirmed, an e-mail with a link is on its way."
                     *     }
                     */
                    "application/json": components["schemas"]["AcceptedResponse"];
                };
            };
            /** @description `invalid_challenge`: This log-in can't be continued. Please begin again. `bad_request`: The request could not be read. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `forbidden`: Not enough permissions. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `not_found`: Not found. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["ValidationFailed"];
            /** @description `rate_limited`: Too many attempts. Please wait a while and try again. */
            429: {
                headers: {
                    /** @description What is left, `r`, and in how many seconds there is more, `t` */
                    RateLimit?: string;
                    /** @description The budget that is used up: name, quota `q`, window `w` in seconds */
                    "RateLimit-Policy"?: string;
                    /** @description Seconds to wait */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            503: components["responses"]["Unavailable"];
        };
    };
    cancel_recovery: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "token": "q3yqV0nq0l0o2mY0y8bC1kKq1n1mS2u7q0Q1m0s9xYk"
                 *     }
                 */
                "application/json": components["schemas"]["LinkRequest"];
            };
        };
        responses: {
            /** @description It stays. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `invalid_token`: This link is not valid any more. Please ask for a new one. `bad_request`: The request could not be read. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["ValidationFailed"];
            503: components["responses"]["Unavailable"];
        };
    };
    confirm_recovery: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "token": "q3yqV0nq0l0o2mY0y8bC1kKq1n1mS2u7q0Q1m0s9xYk"
                 *     }
                 */
                "application/json": components["schemas"]["LinkRequest"];
            };
        };
        responses: {
            /** @description When it goes. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "at": "2026-11-26T09:00:00Z"
                     *     }
                     */
                    "application/json": components["schemas"]["RecoveryResponse"];
                };
            };
            /** @description `invalid_token`: This link is not valid any more. Please ask for a new one. `bad_request`: The request could not be read. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["ValidationFailed"];
            503: components["responses"]["Unavailable"];
        };
    };
    test_token: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Whose token it is. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "created_at": "2026-11-23T09:00:00Z",
                     *       "email": "ada@example.com",
                     *       "email_verified": false,
                     *       "factors": [],
                     *       "full_name": "Ada Lovelace",
                     *       "id": "811d0cca-8545-4396-91da-b3719f6f12f3",
                     *       "is_active": true,
                     *       "is_superuser": false,
                     *       "updated_at": null
                     *     }
                     */
                    "application/json": components["schemas"]["UserResponse"];
                };
            };
            401: components["responses"]["Unauthorized"];
            503: components["responses"]["Unavailable"];
        };
    };
    health: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Yes. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "status": "healthy"
                     *     }
                     */
                    "application/json": components["schemas"]["HealthResponse"];
                };
            };
        };
    };
    ready: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Yes. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "checks": {
                     *         "database": "ok",
                     *         "migrations": "ok",
                     *         "redis": "ok",
                     *         "secret": "ok"
                     *       },
                     *       "letters": "ok",
                     *       "reasons": {},
                     *       "status": "ready"
                     *     }
                     */
                    "application/json": components["schemas"]["ReadinessResponse"];
                };
            };
            /** @description Not now. */
            503: {
                headers: {
                    /** @description Seconds to wait */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "checks": {
                     *         "database": "ok",
                     *         "migrations": "ok",
                     *         "redis": "unavailable",
                     *         "secret": "ok"
                     *       },
                     *       "letters": "ok",
                     *       "reasons": {
                     *         "redis": "it can't write to its disk, and takes no writes"
                     *       },
                     *       "status": "unavailable"
                     *     }
                     */
                    "application/json": components["schemas"]["ReadinessResponse"];
                };
            };
        };
    };
    openapi_json: {
        parameters: {
            query?: never;
            header?: {
                /** @description The `ETag` of the one you have. */
                "If-None-Match"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description An OpenAPI 3.1 document. */
            200: {
                headers: {
                    /** @description Its version */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        [key: string]: unknown;
                    };
                };
            };
            /** @description You have it. */
            304: {
                headers: {
                    /** @description Its version */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    list_sessions: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Your sessions, the one used last first. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example [
                     *       {
                     *         "bound": null,
                     *         "browser": "Chrome",
                     *         "created_at": "2026-11-23T09:00:00Z",
                     *         "current": true,
                     *         "device": "Chrome on macOS",
                     *         "expires_at": "2026-11-30T09:41:00Z",
                     *         "id": "5691dab3-719f-4f12-b3da-811d0cca8545",
                     *         "ip": "203.0.113.7",
                     *         "last_used_at": "2026-11-23T09:41:00Z",
                     *         "level": 1,
                     *         "methods": [
                     *           "pwd"
                     *         ],
                     *         "name": "Work laptop",
                     *         "system": "macOS",
                     *         "user_agent": "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 Chrome/131.0 Safari/537.36"
                     *       }
                     *     ]
                     */
                    "application/json": components["schemas"]["SessionResponse"][];
                };
            };
            401: components["responses"]["Unauthorized"];
            503: components["responses"]["Unavailable"];
        };
    };
    end_other_sessions: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Only this session is left. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            401: components["responses"]["Unauthorized"];
            503: components["responses"]["Unavailable"];
        };
    };
    stream_session: {
        parameters: {
            query?: {
                /** @description Where there is no place: 204 instead of 503. */
                quiet?: boolean;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The stream. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example event: ended
                     *     data: {"reason": "revoked"}
                     */
                    "text/event-stream": string;
                };
            };
            /** @description With `quiet`: no place for a stream. The session lives. */
            204: {
                headers: {
                    /** @description Seconds until it is time to ask again */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content?: never;
            };
            401: components["responses"]["Unauthorized"];
            422: components["responses"]["ValidationFailed"];
            503: components["responses"]["Unavailable"];
        };
    };
    end_session: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                session_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description That session is over. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            401: components["responses"]["Unauthorized"];
            /** @description `not_found`: Not found. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            503: components["responses"]["Unavailable"];
        };
    };
    name_session: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                session_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "name": "Work laptop"
                 *     }
                 */
                "application/json": components["schemas"]["NameRequest"];
            };
        };
        responses: {
            /** @description The session. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "bound": null,
                     *       "browser": "Chrome",
                     *       "created_at": "2026-11-23T09:00:00Z",
                     *       "current": true,
                     *       "device": "Chrome on macOS",
                     *       "expires_at": "2026-11-30T09:41:00Z",
                     *       "id": "5691dab3-719f-4f12-b3da-811d0cca8545",
                     *       "ip": "203.0.113.7",
                     *       "last_used_at": "2026-11-23T09:41:00Z",
                     *       "level": 1,
                     *       "methods": [
                     *         "pwd"
                     *       ],
                     *       "name": "Work laptop",
                     *       "system": "macOS",
                     *       "user_agent": "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 Chrome/131.0 Safari/537.36"
                     *     }
                     */
                    "application/json": components["schemas"]["SessionResponse"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            /** @description `not_found`: Not found. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["ValidationFailed"];
            503: components["responses"]["Unavailable"];
        };
    };
    list_users: {
        parameters: {
            query?: {
                /** @description A part of the e-mail address or the full name. */
                q?: string;
                /** @description Only those who may, or may not, log in. */
                is_active?: boolean;
                /** @description Only administrators, or only everybody else. */
                is_superuser?: boolean;
                /** @description Only those who have, or have not, confirmed their address. */
                email_verified?: boolean;
                /** @description With `-` in front the other way round, the newest first. Who has never logged in counts as longest ago; the last log-in is a minute or two behind. */
                sort?: "created_at" | "-created_at" | "last_login_at" | "-last_login_at" | "email" | "-email";
                /** @description How many to leave out. */
                skip?: number;
                /** @description How many to return. */
                limit?: number;
                /** @description The cursor from the `Link` header. */
                after?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of users, the oldest first where nothing else is asked for. */
            200: {
                headers: {
                    /** @description The next page, `rel="next"` (RFC 8288), when there is one */
                    Link?: string;
                    /** @description How many users match */
                    "X-Total-Count"?: number;
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example [
                     *       {
                     *         "created_at": "2026-11-23T09:00:00Z",
                     *         "email": "ada@example.com",
                     *         "email_verified": false,
                     *         "factors": [],
                     *         "full_name": "Ada Lovelace",
                     *         "id": "811d0cca-8545-4396-91da-b3719f6f12f3",
                     *         "is_active": true,
                     *         "is_superuser": false,
                     *         "updated_at": null
                     *       }
                     *     ]
                     */
                    "application/json": components["schemas"]["UserResponse"][];
                };
            };
            401: components["responses"]["Unauthorized"];
            /** @description `forbidden`: Not enough permissions. `device_binding_required`: This needs a session that is bound to your device. Log in with a browser that can do that. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            422: components["responses"]["ValidationFailed"];
            503: components["responses"]["Unavailable"];
        };
    };
    create_user: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "email": "grace@example.com",
                 *       "password": "a long enough password"
                 *     }
                 */
                "application/json": components["schemas"]["CreateUserRequest"];
            };
        };
        responses: {
            /** @description The new user. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "created_at": "2026-11-23T09:00:00Z",
                     *       "email": "ada@example.com",
                     *       "email_verified": false,
                     *       "factors": [],
                     *       "full_name": "Ada Lovelace",
                     *       "id": "811d0cca-8545-4396-91da-b3719f6f12f3",
                     *       "is_active": true,
                     *       "is_superuser": false,
                     *       "updated_at": null
                     *     }
                     */
                    "application/json": components["schemas"]["UserResponse"];
                };
            };
            /** @description `email_taken`: A user with this email already exists. `bad_request`: The request could not be read. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            401: components["responses"]["Unauthorized"];
            /** @description `forbidden`: Not enough permissions. `device_binding_required`: This needs a session that is bound to your device. Log in with a browser that can do that. `reauthentication_required`: Please confirm your password to continue. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["ValidationFailed"];
            503: components["responses"]["Unavailable"];
        };
    };
    download_users: {
        parameters: {
            query?: {
                /** @description A part of the e-mail address or the full name. */
                q?: string;
                /** @description Only those who may, or may not, log in. */
                is_active?: boolean;
                /** @description Only administrators, or only everybody else. */
                is_superuser?: boolean;
                /** @description Only those who have, or have not, confirmed their address. */
                email_verified?: boolean;
                /** @description With `-` in front the other way round, the newest first. Who has never logged in counts as longest ago; the last log-in is a minute or two behind. */
                sort?: "created_at" | "-created_at" | "last_login_at" | "-last_login_at" | "email" | "-email";
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description All users that match: `id`, `email`, `full_name`, `is_active`, `is_superuser`, `email_verified`, `created_at`, `last_login_at`. */
            200: {
                headers: {
                    /** @description The name of the file */
                    "Content-Disposition"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "text/csv": string;
                };
            };
            401: components["responses"]["Unauthorized"];
            /** @description `forbidden`: Not enough permissions. `device_binding_required`: This needs a session that is bound to your device. Log in with a browser that can do that. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            422: components["responses"]["ValidationFailed"];
            503: components["responses"]["Unavailable"];
        };
    };
    read_me: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description You. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "created_at": "2026-11-23T09:00:00Z",
                     *       "email": "ada@example.com",
                     *       "email_verified": false,
                     *       "factors": [],
                     *       "full_name": "Ada Lovelace",
                     *       "id": "811d0cca-8545-4396-91da-b3719f6f12f3",
                     *       "is_active": true,
                     *       "is_superuser": false,
                     *       "updated_at": null
                     *     }
                     */
                    "application/json": components["schemas"]["UserResponse"];
                };
            };
            401: components["responses"]["Unauthorized"];
            503: components["responses"]["Unavailable"];
        };
    };
    replace_me: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "full_name": "Ada King"
                 *     }
                 */
                "application/json": components["schemas"]["UpdateProfileRequest"];
            };
        };
        responses: {
            /** @description You, changed. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "created_at": "2026-11-23T09:00:00Z",
                     *       "email": "ada@example.com",
                     *       "email_verified": false,
                     *       "factors": [],
                     *       "full_name": "Ada Lovelace",
                     *       "id": "811d0cca-8545-4396-91da-b3719f6f12f3",
                     *       "is_active": true,
                     *       "is_superuser": false,
                     *       "updated_at": null
                     *     }
                     */
                    "application/json": components["schemas"]["UserResponse"];
                };
            };
            /** @description `invalid_grant`: Incorrect email or password. `bad_request`: The request could not be read. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            401: components["responses"]["Unauthorized"];
            /** @description `reauthentication_required`: Please confirm your password to continue. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["ValidationFailed"];
            /** @description `rate_limited`: Too many attempts. Please wait a while and try again. */
            429: {
                headers: {
                    /** @description What is left, `r`, and in how many seconds there is more, `t` */
                    RateLimit?: string;
                    /** @description The budget that is used up: name, quota `q`, window `w` in seconds */
                    "RateLimit-Policy"?: string;
                    /** @description Seconds to wait */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            503: components["responses"]["Unavailable"];
        };
    };
    delete_me: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The account and its sessions are gone. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            401: components["responses"]["Unauthorized"];
            /** @description `reauthentication_required`: Please confirm your password to continue. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `last_superuser`: The last active superuser can't be demoted, disabled or deleted. */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            503: components["responses"]["Unavailable"];
        };
    };
    update_me: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "full_name": "Ada King"
                 *     }
                 */
                "application/json": components["schemas"]["UpdateProfileRequest"];
            };
        };
        responses: {
            /** @description You, changed. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "created_at": "2026-11-23T09:00:00Z",
                     *       "email": "ada@example.com",
                     *       "email_verified": false,
                     *       "factors": [],
                     *       "full_name": "Ada Lovelace",
                     *       "id": "811d0cca-8545-4396-91da-b3719f6f12f3",
                     *       "is_active": true,
                     *       "is_superuser": false,
                     *       "updated_at": null
                     *     }
                     */
                    "application/json": components["schemas"]["UserResponse"];
                };
            };
            /** @description `invalid_grant`: Incorrect email or password. `bad_request`: The request could not be read. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            401: components["responses"]["Unauthorized"];
            /** @description `reauthentication_required`: Please confirm your password to continue. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["ValidationFailed"];
            /** @description `rate_limited`: Too many attempts. Please wait a while and try again. */
            429: {
                headers: {
                    /** @description What is left, `r`, and in how many seconds there is more, `t` */
                    RateLimit?: string;
                    /** @description The budget that is used up: name, quota `q`, window `w` in seconds */
                    "RateLimit-Policy"?: string;
                    /** @description Seconds to wait */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            503: components["responses"]["Unavailable"];
        };
    };
    change_email: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "email": "ada@example.org"
                 *     }
                 */
                "application/json": components["schemas"]["AddressRequest"];
            };
        };
        responses: {
            /** @description The same answer, whoever it is. */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "detail": "If there is anybody to write to, a letter is on its way."
                     *     }
                     */
                    "application/json": components["schemas"]["AcceptedResponse"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            /** @description `reauthentication_required`: Please confirm your password to continue. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["ValidationFailed"];
            /** @description `rate_limited`: Too many attempts. Please wait a while and try again. */
            429: {
                headers: {
                    /** @description What is left, `r`, and in how many seconds there is more, `t` */
                    RateLimit?: string;
                    /** @description The budget that is used up: name, quota `q`, window `w` in seconds */
                    "RateLimit-Policy"?: string;
                    /** @description Seconds to wait */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            503: components["responses"]["Unavailable"];
        };
    };
    my_events: {
        parameters: {
            query?: {
                /** @description How many to return. */
                limit?: number;
                /** @description The cursor from the `Link` header. */
                after?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of events. */
            200: {
                headers: {
                    /** @description The next page, `rel="next"` (RFC 8288), when there is one */
                    Link?: string;
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example [
                     *       {
                     *         "browser": "Chrome",
                     *         "created_at": "2026-11-23T09:00:00Z",
                     *         "detail": {},
                     *         "device": "Chrome on macOS",
                     *         "id": "0d6f2c0b-5d8a-4c1c-9a2e-5f0f2b7c9f10",
                     *         "ip": "203.0.113.7",
                     *         "session_id": "5691dab3-719f-4f12-b3da-811d0cca8545",
                     *         "system": "macOS",
                     *         "type": "login.succeeded",
                     *         "user_agent": "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 Chrome/131.0 Safari/537.36"
                     *       }
                     *     ]
                     */
                    "application/json": components["schemas"]["EventResponse"][];
                };
            };
            401: components["responses"]["Unauthorized"];
            422: components["responses"]["ValidationFailed"];
            503: components["responses"]["Unavailable"];
        };
    };
    export_me: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description All of it. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "credentials": [
                     *         {
                     *           "created_at": "2026-11-23T09:00:00Z",
                     *           "kind": "password",
                     *           "label": null,
                     *           "last_used_at": null
                     *         }
                     *       ],
                     *       "devices": [
                     *         {
                     *           "first_seen_at": "2026-11-23T09:00:00Z",
                     *           "forgotten_at": null,
                     *           "id": "9a4b8f0e-5a0c-4b62-8f6c-0d0f7f0f6c55",
                     *           "last_seen_at": "2026-11-24T08:30:00Z",
                     *           "name": "Work laptop",
                     *           "network": "203.0.113.7",
                     *           "user_agent": "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7)"
                     *         }
                     *       ],
                     *       "events": [
                     *         {
                     *           "browser": "Chrome",
                     *           "created_at": "2026-11-23T09:00:00Z",
                     *           "detail": {},
                     *           "device": "Chrome on macOS",
                     *           "id": "0d6f2c0b-5d8a-4c1c-9a2e-5f0f2b7c9f10",
                     *           "ip": "203.0.113.7",
                     *           "request_id": "b1f4a9c27d6e4e0f8a3c5d7e9f1a2b3c",
                     *           "session_id": "5691dab3-719f-4f12-b3da-811d0cca8545",
                     *           "system": "macOS",
                     *           "type": "login.succeeded",
                     *           "user_agent": "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 Chrome/131.0 Safari/537.36"
                     *         }
                     *       ],
                     *       "letters": [
                     *         {
                     *           "created_at": "2026-11-23T09:00:00Z",
                     *           "language": "en",
                     *           "letter": "confirm_new_address",
                     *           "recipient": "ada@example.org",
                     *           "sent_at": "2026-11-23T09:00:01Z",
                     *           "state": "sent"
                     *         }
                     *       ],
                     *       "links": [
                     *         {
                     *           "created_at": "2026-11-23T09:00:00Z",
                     *           "expires_at": "2026-11-24T09:00:00Z",
                     *           "purpose": "address",
                     *           "subject": "ada@example.org"
                     *         }
                     *       ],
                     *       "registrations": [],
                     *       "sessions": [
                     *         {
                     *           "bound": null,
                     *           "browser": "Chrome",
                     *           "created_at": "2026-11-23T09:00:00Z",
                     *           "current": true,
                     *           "device": "Chrome on macOS",
                     *           "expires_at": "2026-11-30T09:41:00Z",
                     *           "id": "5691dab3-719f-4f12-b3da-811d0cca8545",
                     *           "ip": "203.0.113.7",
                     *           "last_used_at": "2026-11-23T09:41:00Z",
                     *           "level": 1,
                     *           "methods": [
                     *             "pwd"
                     *           ],
                     *           "name": "Work laptop",
                     *           "system": "macOS",
                     *           "user_agent": "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 Chrome/131.0 Safari/537.36"
                     *         }
                     *       ],
                     *       "user": {
                     *         "created_at": "2026-11-23T09:00:00Z",
                     *         "email": "ada@example.com",
                     *         "email_verified": false,
                     *         "factors": [],
                     *         "full_name": "Ada Lovelace",
                     *         "id": "811d0cca-8545-4396-91da-b3719f6f12f3",
                     *         "is_active": true,
                     *         "is_superuser": false,
                     *         "language": "en",
                     *         "last_login_at": "2026-11-24T08:30:00Z",
                     *         "sessions_valid_after": null,
                     *         "updated_at": null
                     *       }
                     *     }
                     */
                    "application/json": components["schemas"]["ExportResponse"];
                };
            };
            401: components["responses"]["Unauthorized"];
            /** @description `reauthentication_required`: Please confirm your password to continue. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            503: components["responses"]["Unavailable"];
        };
    };
    read_factors: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description What there is. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "passkeys": [
                     *         {
                     *           "created_at": "2026-11-23T09:00:00Z",
                     *           "id": "0d3f7a5e-3f0a-5b0e-9d6b-6f7d1c2b3a4f",
                     *           "last_used_at": "2026-11-26T08:00:00Z",
                     *           "name": "Safari on iPhone",
                     *           "suspended_at": null,
                     *           "synced": true
                     *         }
                     *       ],
                     *       "recovery_codes": {
                     *         "created_at": "2026-11-23T09:00:00Z",
                     *         "left": 9
                     *       },
                     *       "required": false,
                     *       "totp": {
                     *         "created_at": "2026-11-23T09:00:00Z",
                     *         "last_used_at": "2026-11-26T08:00:00Z"
                     *       }
                     *     }
                     */
                    "application/json": components["schemas"]["FactorsResponse"];
                };
            };
            401: components["responses"]["Unauthorized"];
            503: components["responses"]["Unavailable"];
        };
    };
    add: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "credential": {
                 *         "clientExtensionResults": {
                 *           "credProps": {
                 *             "rk": true
                 *           }
                 *         },
                 *         "rawId": "mZ4l8s2u0m1Qk7nq3cR9rA",
                 *         "response": {
                 *           "attestationObject": "o2NmbXRkbm9uZWdhdHRTdG10oGhhdXRoRGF0YViU...",
                 *           "clientDataJSON": "eyJ0eXBlIjoid2ViYXV0aG4uY3JlYXRlIiwi...",
                 *           "transports": [
                 *             "internal",
                 *             "hybrid"
                 *           ]
                 *         },
                 *         "type": "public-key"
                 *       },
                 *       "name": "iPhone"
                 *     }
                 */
                "application/json": components["schemas"]["NewPasskeyRequest"];
            };
        };
        responses: {
            /** @description It is set up. */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "created_at": "2026-11-23T09:00:00Z",
                     *       "id": "0d3f7a5e-3f0a-5b0e-9d6b-6f7d1c2b3a4f",
                     *       "last_used_at": "2026-11-26T08:00:00Z",
                     *       "name": "Safari on iPhone",
                     *       "recovery_codes": [
                     *         "4K7QX-93VZ-T8MR",
                     *         "..."
                     *       ],
                     *       "suspended_at": null,
                     *       "synced": true
                     *     }
                     */
                    "application/json": components["schemas"]["NewPasskeyResponse"];
                };
            };
            /** @description `invalid_passkey`: This passkey can't be used here. Please try again, or another way. `bad_request`: The request could not be read. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            401: components["responses"]["Unauthorized"];
            /** @description `reauthentication_required`: Please confirm your password to continue. `email_unverified`: Please confirm your e-mail address first. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `not_found`: Not found. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `too_many_passkeys`: This account has ten passkeys. Remove one first. */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["ValidationFailed"];
            503: components["responses"]["Unavailable"];
        };
    };
    set_up_options: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description What the browser is to make. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "attestation": "none",
                     *       "authenticatorSelection": {
                     *         "residentKey": "preferred",
                     *         "userVerification": "preferred"
                     *       },
                     *       "challenge": "gq3kqv2hT2m2b0l8wVnZVwAAAZq...",
                     *       "excludeCredentials": [],
                     *       "extensions": {
                     *         "credProps": true
                     *       },
                     *       "pubKeyCredParams": [
                     *         {
                     *           "alg": -7,
                     *           "type": "public-key"
                     *         },
                     *         {
                     *           "alg": -8,
                     *           "type": "public-key"
                     *         },
                     *         {
                     *           "alg": -257,
                     *           "type": "public-key"
                     *         }
                     *       ],
                     *       "rp": {
                     *         "id": "example.com",
                     *         "name": "Latchkey"
                     *       },
                     *       "timeout": 300000,
                     *       "user": {
                     *         "displayName": "Ada Lovelace",
                     *         "id": "nAqo5VpMQo2m7e6Uf3rS2w",
                     *         "name": "ada@example.com"
                     *       }
                     *     }
                     */
                    "application/json": components["schemas"]["CreationOptionsResponse"];
                };
            };
            401: components["responses"]["Unauthorized"];
            /** @description `reauthentication_required`: Please confirm your password to continue. `email_unverified`: Please confirm your e-mail address first. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `not_found`: Not found. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `too_many_passkeys`: This account has ten passkeys. Remove one first. */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            503: components["responses"]["Unavailable"];
        };
    };
    remove: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                passkey_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It is gone; recovery codes go with the last factor. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            401: components["responses"]["Unauthorized"];
            /** @description `reauthentication_required`: Please confirm your password to continue. `forbidden`: Not enough permissions. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `not_found`: Not found. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `last_way_in`: This account has to have a second factor. Add another one first. */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            503: components["responses"]["Unavailable"];
        };
    };
    rename: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                passkey_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "name": "Safari on iPhone"
                 *     }
                 */
                "application/json": components["schemas"]["RenameRequest"];
            };
        };
        responses: {
            /** @description The passkey. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "created_at": "2026-11-23T09:00:00Z",
                     *       "id": "0d3f7a5e-3f0a-5b0e-9d6b-6f7d1c2b3a4f",
                     *       "last_used_at": "2026-11-26T08:00:00Z",
                     *       "name": "Safari on iPhone",
                     *       "suspended_at": null,
                     *       "synced": true
                     *     }
                     */
                    "application/json": components["schemas"]["PasskeyResponse"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            /** @description `not_found`: Not found. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["ValidationFailed"];
            503: components["responses"]["Unavailable"];
        };
    };
    stop_recovery: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It stays. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            401: components["responses"]["Unauthorized"];
            /** @description `not_found`: Not found. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            503: components["responses"]["Unavailable"];
        };
    };
    begin_totp: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A secret, not in force yet. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "enrolment": "5f0c1f5e-9c5e-4d52-8a57-2c3b8a1f0d11",
                     *       "expires_at": "2026-11-23T09:15:00Z",
                     *       "secret": "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP",
                     *       "uri": "otpauth://totp/Latchkey:ada@example.com?secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP&issuer=Latchkey"
                     *     }
                     */
                    "application/json": components["schemas"]["EnrolmentResponse"];
                };
            };
            401: components["responses"]["Unauthorized"];
            /** @description `reauthentication_required`: Please confirm your password to continue. `email_unverified`: Please confirm your e-mail address first. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `not_found`: Not found. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            503: components["responses"]["Unavailable"];
        };
    };
    remove_totp: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It is gone; recovery codes go with the last factor. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            401: components["responses"]["Unauthorized"];
            /** @description `reauthentication_required`: Please confirm your password to continue. `forbidden`: Not enough permissions. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `not_found`: Not found. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `last_way_in`: This account has to have a second factor. Add another one first. */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            503: components["responses"]["Unavailable"];
        };
    };
    confirm_totp: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "code": "271828",
                 *       "enrolment": "5f0c1f5e-9c5e-4d52-8a57-2c3b8a1f0d11"
                 *     }
                 */
                "application/json": components["schemas"]["ConfirmRequest"];
            };
        };
        responses: {
            /** @description It is set up. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "recovery_codes": [
                     *         "4K7QX-93VZ-T8MR",
                     *         "..."
                     *       ]
                     *     }
                     */
                    "application/json": components["schemas"]["ConfirmedResponse"];
                };
            };
            /** @description `invalid_code`: This code is not valid. `invalid_challenge`: This log-in can't be continued. Please begin again. `bad_request`: The request could not be read. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            401: components["responses"]["Unauthorized"];
            /** @description `reauthentication_required`: Please confirm your password to continue. `email_unverified`: Please confirm your e-mail address first. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `not_found`: Not found. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["ValidationFailed"];
            503: components["responses"]["Unavailable"];
        };
    };
    list_identities: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Those that open this one, the oldest first. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example [
                     *       {
                     *         "brand": "google",
                     *         "created_at": "2026-11-24T08:30:00Z",
                     *         "email": "ada@example.com",
                     *         "id": "4f1f3a52-6f0e-4b83-9d7e-0d8a9b1c2d3e",
                     *         "last_used_at": "2026-11-26T17:05:00Z",
                     *         "name": "Google",
                     *         "provider": "google"
                     *       }
                     *     ]
                     */
                    "application/json": components["schemas"]["IdentityResponse"][];
                };
            };
            401: components["responses"]["Unauthorized"];
            503: components["responses"]["Unavailable"];
        };
    };
    remove_identity: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                identity_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It opens this account no more. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            401: components["responses"]["Unauthorized"];
            /** @description `reauthentication_required`: Please confirm your password to continue. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `not_found`: Not found. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `last_way_in`: This account has to have a second factor. Add another one first. */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            503: components["responses"]["Unavailable"];
        };
    };
    new_recovery_codes: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Ten new ones. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "recovery_codes": [
                     *         "4K7QX-93VZ-T8MR",
                     *         "..."
                     *       ]
                     *     }
                     */
                    "application/json": components["schemas"]["RecoveryCodesResponse"];
                };
            };
            401: components["responses"]["Unauthorized"];
            /** @description `reauthentication_required`: Please confirm your password to continue. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `not_found`: Not found. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            503: components["responses"]["Unavailable"];
        };
    };
    list_trusted_devices: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The one used last first. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example [
                     *       {
                     *         "browser": null,
                     *         "device": "Unknown browser on macOS",
                     *         "id": "9a4b8f0e-5a0c-4b62-8f6c-0d0f7f0f6c55",
                     *         "name": null,
                     *         "network": "203.0.113.7",
                     *         "since": "2026-11-23T09:00:00Z",
                     *         "system": "macOS",
                     *         "until": "2026-12-23T09:00:00Z",
                     *         "user_agent": "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7)"
                     *       }
                     *     ]
                     */
                    "application/json": components["schemas"]["TrustedDeviceResponse"][];
                };
            };
            401: components["responses"]["Unauthorized"];
            503: components["responses"]["Unavailable"];
        };
    };
    end_all_trust: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Each of them is asked from now on. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            401: components["responses"]["Unauthorized"];
            503: components["responses"]["Unavailable"];
        };
    };
    end_trust: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                device_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It is asked from now on. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            401: components["responses"]["Unauthorized"];
            /** @description `not_found`: Not found. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            503: components["responses"]["Unavailable"];
        };
    };
    read_user: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                user_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The user. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "created_at": "2026-11-23T09:00:00Z",
                     *       "email": "ada@example.com",
                     *       "email_verified": false,
                     *       "factors": [],
                     *       "full_name": "Ada Lovelace",
                     *       "id": "811d0cca-8545-4396-91da-b3719f6f12f3",
                     *       "is_active": true,
                     *       "is_superuser": false,
                     *       "updated_at": null
                     *     }
                     */
                    "application/json": components["schemas"]["UserResponse"];
                };
            };
            401: components["responses"]["Unauthorized"];
            /** @description `forbidden`: Not enough permissions. `device_binding_required`: This needs a session that is bound to your device. Log in with a browser that can do that. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `not_found`: Not found. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            503: components["responses"]["Unavailable"];
        };
    };
    replace_user: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                user_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "is_active": false
                 *     }
                 */
                "application/json": components["schemas"]["UpdateUserRequest"];
            };
        };
        responses: {
            /** @description The user, changed. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "created_at": "2026-11-23T09:00:00Z",
                     *       "email": "ada@example.com",
                     *       "email_verified": false,
                     *       "factors": [],
                     *       "full_name": "Ada Lovelace",
                     *       "id": "811d0cca-8545-4396-91da-b3719f6f12f3",
                     *       "is_active": true,
                     *       "is_superuser": false,
                     *       "updated_at": null
                     *     }
                     */
                    "application/json": components["schemas"]["UserResponse"];
                };
            };
            /** @description `email_taken`: A user with this email already exists. `bad_request`: The request could not be read. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            401: components["responses"]["Unauthorized"];
            /** @description `forbidden`: Not enough permissions. `device_binding_required`: This needs a session that is bound to your device. Log in with a browser that can do that. `reauthentication_required`: Please confirm your password to continue. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `not_found`: Not found. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `last_superuser`: The last active superuser can't be demoted, disabled or deleted. */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["ValidationFailed"];
            503: components["responses"]["Unavailable"];
        };
    };
    delete_user: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                user_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The account and its sessions are gone. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            401: components["responses"]["Unauthorized"];
            /** @description `forbidden`: Not enough permissions. `device_binding_required`: This needs a session that is bound to your device. Log in with a browser that can do that. `reauthentication_required`: Please confirm your password to continue. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `not_found`: Not found. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `last_superuser`: The last active superuser can't be demoted, disabled or deleted. */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            503: components["responses"]["Unavailable"];
        };
    };
    update_user: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                user_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "is_active": false
                 *     }
                 */
                "application/json": components["schemas"]["UpdateUserRequest"];
            };
        };
        responses: {
            /** @description The user, changed. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "created_at": "2026-11-23T09:00:00Z",
                     *       "email": "ada@example.com",
                     *       "email_verified": false,
                     *       "factors": [],
                     *       "full_name": "Ada Lovelace",
                     *       "id": "811d0cca-8545-4396-91da-b3719f6f12f3",
                     *       "is_active": true,
                     *       "is_superuser": false,
                     *       "updated_at": null
                     *     }
                     */
                    "application/json": components["schemas"]["UserResponse"];
                };
            };
            /** @description `email_taken`: A user with this email already exists. `bad_request`: The request could not be read. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            401: components["responses"]["Unauthorized"];
            /** @description `forbidden`: Not enough permissions. `device_binding_required`: This needs a session that is bound to your device. Log in with a browser that can do that. `reauthentication_required`: Please confirm your password to continue. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `not_found`: Not found. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `last_superuser`: The last active superuser can't be demoted, disabled or deleted. */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["ValidationFailed"];
            503: components["responses"]["Unavailable"];
        };
    };
    explain_user: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                user_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description All that is known. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "entries": [
                     *         {
                     *           "at": "2026-11-24T08:30:00Z",
                     *           "request_id": "5f1c7f0e9a3b4c2d",
                     *           "session_id": "5691dab3-719f-4f12-b3da-811d0cca8545",
                     *           "text": "The password was changed, from 203.0.113.7 (Firefox on Linux): every other session ended.",
                     *           "type": "password.changed"
                     *         }
                     *       ],
                     *       "sessions": [
                     *         {
                     *           "reason": "password_changed",
                     *           "session_id": "0d6f2c0b-5d8a-4c1c-9a2e-5f0f2b7c9f10",
                     *           "text": "The password was changed, from 203.0.113.7 (Firefox on Linux): every other session ended.",
                     *           "verdict": "ended"
                     *         }
                     *       ]
                     *     }
                     */
                    "application/json": components["schemas"]["ExplanationResponse"];
                };
            };
            401: components["responses"]["Unauthorized"];
            /** @description `forbidden`: Not enough permissions. `device_binding_required`: This needs a session that is bound to your device. Log in with a browser that can do that. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `not_found`: Not found. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            503: components["responses"]["Unavailable"];
        };
    };
    read_user_factors: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                user_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description What there is. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "passkeys": [
                     *         {
                     *           "created_at": "2026-11-23T09:00:00Z",
                     *           "id": "0d3f7a5e-3f0a-5b0e-9d6b-6f7d1c2b3a4f",
                     *           "last_used_at": "2026-11-26T08:00:00Z",
                     *           "name": "Safari on iPhone",
                     *           "suspended_at": null,
                     *           "synced": true
                     *         }
                     *       ],
                     *       "recovery_codes": {
                     *         "created_at": "2026-11-23T09:00:00Z",
                     *         "left": 9
                     *       },
                     *       "required": false,
                     *       "totp": {
                     *         "created_at": "2026-11-23T09:00:00Z",
                     *         "last_used_at": "2026-11-26T08:00:00Z"
                     *       }
                     *     }
                     */
                    "application/json": components["schemas"]["FactorsResponse"];
                };
            };
            401: components["responses"]["Unauthorized"];
            /** @description `forbidden`: Not enough permissions. `device_binding_required`: This needs a session that is bound to your device. Log in with a browser that can do that. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `not_found`: Not found. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            503: components["responses"]["Unavailable"];
        };
    };
    reset_user_factors: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                user_id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "reason": "Lost the phone; called from the number we know."
                 *     }
                 */
                "application/json": components["schemas"]["FactorResetRequest"];
            };
        };
        responses: {
            /** @description What was taken away. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "factors": [
                     *         "totp"
                     *       ],
                     *       "recovery_codes": 9,
                     *       "sessions": 2,
                     *       "trusted_devices": 1
                     *     }
                     */
                    "application/json": components["schemas"]["FactorResetResponse"];
                };
            };
            400: components["responses"]["BadRequest"];
            401: components["responses"]["Unauthorized"];
            /** @description `forbidden`: Not enough permissions. `device_binding_required`: This needs a session that is bound to your device. Log in with a browser that can do that. `reauthentication_required`: Please confirm your password to continue. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `not_found`: Not found. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            413: components["responses"]["TooLarge"];
            415: components["responses"]["UnsupportedMediaType"];
            422: components["responses"]["ValidationFailed"];
            503: components["responses"]["Unavailable"];
        };
    };
    list_user_identities: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                user_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description What opens the account, the oldest first. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example [
                     *       {
                     *         "brand": "google",
                     *         "created_at": "2026-11-24T08:30:00Z",
                     *         "email": "ada@example.com",
                     *         "id": "4f1f3a52-6f0e-4b83-9d7e-0d8a9b1c2d3e",
                     *         "last_used_at": "2026-11-26T17:05:00Z",
                     *         "name": "Google",
                     *         "provider": "google"
                     *       }
                     *     ]
                     */
                    "application/json": components["schemas"]["IdentityResponse"][];
                };
            };
            401: components["responses"]["Unauthorized"];
            /** @description `forbidden`: Not enough permissions. `device_binding_required`: This needs a session that is bound to your device. Log in with a browser that can do that. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `not_found`: Not found. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            503: components["responses"]["Unavailable"];
        };
    };
    unlink_user_identity: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                user_id: string;
                identity_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It opens the user's account no more. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            401: components["responses"]["Unauthorized"];
            /** @description `forbidden`: Not enough permissions. `device_binding_required`: This needs a session that is bound to your device. Log in with a browser that can do that. `reauthentication_required`: Please confirm your password to continue. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `not_found`: Not found. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `last_way_in`: This account has to have a second factor. Add another one first. */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            503: components["responses"]["Unavailable"];
        };
    };
    send_user_letter: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                user_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It is on its way. */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "letter": "set_password"
                     *     }
                     */
                    "application/json": components["schemas"]["SentLetterResponse"];
                };
            };
            /** @description `inactive_user`: This account has been disabled. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            401: components["responses"]["Unauthorized"];
            /** @description `forbidden`: Not enough permissions. `device_binding_required`: This needs a session that is bound to your device. Log in with a browser that can do that. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `not_found`: Not found. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            503: components["responses"]["Unavailable"];
        };
    };
    list_user_sessions: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                user_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The user's sessions, the one used last first. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example [
                     *       {
                     *         "bound": null,
                     *         "browser": "Chrome",
                     *         "created_at": "2026-11-23T09:00:00Z",
                     *         "current": true,
                     *         "device": "Chrome on macOS",
                     *         "expires_at": "2026-11-30T09:41:00Z",
                     *         "id": "5691dab3-719f-4f12-b3da-811d0cca8545",
                     *         "ip": "203.0.113.7",
                     *         "last_used_at": "2026-11-23T09:41:00Z",
                     *         "level": 1,
                     *         "methods": [
                     *           "pwd"
                     *         ],
                     *         "name": "Work laptop",
                     *         "system": "macOS",
                     *         "user_agent": "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 Chrome/131.0 Safari/537.36"
                     *       }
                     *     ]
                     */
                    "application/json": components["schemas"]["SessionResponse"][];
                };
            };
            401: components["responses"]["Unauthorized"];
            /** @description `forbidden`: Not enough permissions. `device_binding_required`: This needs a session that is bound to your device. Log in with a browser that can do that. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `not_found`: Not found. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            503: components["responses"]["Unavailable"];
        };
    };
    end_user_sessions: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                user_id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Every session of the user is over. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            401: components["responses"]["Unauthorized"];
            /** @description `forbidden`: Not enough permissions. `device_binding_required`: This needs a session that is bound to your device. Log in with a browser that can do that. */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description `not_found`: Not found. */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            503: components["responses"]["Unavailable"];
        };
    };
    introspect: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "token": "eyJhbGciOiJFUzI1NiIsInR5cCI6ImF0K2p3dCJ9..."
                 *     }
                 */
                "application/x-www-form-urlencoded": {
                    /**
                     * Client Id
                     * @description What the client calls itself; first-party clients may leave it out
                     */
                    client_id?: string;
                    /**
                     * Client Secret
                     * Format: password
                     * @description Only of a client that was registered by the service's operator
                     */
                    client_secret?: string;
                    /**
                     * Token
                     * @description An access token; of any other kind none is active
                     */
                    token: string;
                    /**
                     * Token Type Hint
                     * @description Taken, and changes nothing
                     */
                    token_type_hint?: string;
                };
            };
        };
        responses: {
            /** @description Whose it is, or that it isn't good. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "acr": "aal1",
                     *       "active": true,
                     *       "amr": [
                     *         "pwd"
                     *       ],
                     *       "aud": "latchkey",
                     *       "auth_time": 1795770000,
                     *       "client_id": "web",
                     *       "exp": 1795774500,
                     *       "iat": 1795773600,
                     *       "iss": "https://id.example.com",
                     *       "scope": "",
                     *       "sid": "5691dab3-719f-4f12-b3da-811d0cca8545",
                     *       "sub": "2f1f9a55-3a8e-4b0a-9c55-6f0f3b0c5a01",
                     *       "token_type": "Bearer",
                     *       "username": "ada@example.com"
                     *     }
                     */
                    "application/json": components["schemas"]["ActiveTokenResponse"] | components["schemas"]["InactiveTokenResponse"];
                };
            };
            /** @description `invalid_request`: The request could not be read. `invalid_request`: The request is not acceptable. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OAuthProblem"];
                };
            };
            /** @description `invalid_client`: The client could not be authenticated. */
            401: {
                headers: {
                    /** @description `Basic`: how a client says which it is */
                    "WWW-Authenticate"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OAuthProblem"];
                };
            };
            /** @description `invalid_request`: The request is too large. */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OAuthProblem"];
                };
            };
            /** @description `invalid_request`: The media type of the body is not supported here. */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OAuthProblem"];
                };
            };
            /** @description `temporarily_unavailable`: Too many attempts. Please wait a while and try again. */
            429: {
                headers: {
                    /** @description What is left, `r`, and in how many seconds there is more, `t` */
                    RateLimit?: string;
                    /** @description The budget that is used up: name, quota `q`, window `w` in seconds */
                    "RateLimit-Policy"?: string;
                    /** @description Seconds to wait */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OAuthProblem"];
                };
            };
            /** @description `temporarily_unavailable`: The service is temporarily unavailable. Please try again. */
            503: {
                headers: {
                    /** @description Seconds to wait */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OAuthProblem"];
                };
            };
        };
    };
    stream_revocations: {
        parameters: {
            query?: never;
            header?: {
                /** @description The id that came last, to go on where it was. */
                "Last-Event-ID"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The stream. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example id: 1790000000123-7
                     *     event: ended
                     *     data: {"sub":"5b0e0d8e-…","sid":"0f5c0b4c-…","reason":"logged_out"}
                     *
                     *     :
                     *     id: 1790000000523-8
                     */
                    "text/event-stream": string;
                };
            };
            /** @description `invalid_client`: The client could not be authenticated. */
            401: {
                headers: {
                    /** @description `Basic`: how a client says which it is */
                    "WWW-Authenticate"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OAuthProblem"];
                };
            };
            /** @description `temporarily_unavailable`: The service is temporarily unavailable. Please try again. */
            503: {
                headers: {
                    /** @description Seconds to wait */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OAuthProblem"];
                };
            };
        };
    };
    revoke_token: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "token": "lkr_AYEdDMqFRVOWkdqzcZ9vEvM..."
                 *     }
                 */
                "application/x-www-form-urlencoded": {
                    /**
                     * Client Id
                     * @description What the client calls itself; first-party clients may leave it out
                     */
                    client_id?: string;
                    /**
                     * Client Secret
                     * Format: password
                     * @description Only of a client that was registered by the service's operator
                     */
                    client_secret?: string;
                    /**
                     * Token
                     * @description A refresh token or an access token of the session
                     */
                    token: string;
                    /**
                     * Token Type Hint
                     * @description Taken, and changes nothing
                     */
                    token_type_hint?: string;
                };
            };
        };
        responses: {
            /** @description The session is over, or never was. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description `invalid_request`: The request could not be read. `invalid_request`: The request is not acceptable. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OAuthProblem"];
                };
            };
            /** @description `invalid_client`: The client could not be authenticated. */
            401: {
                headers: {
                    /** @description `Basic`: how a client says which it is */
                    "WWW-Authenticate"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OAuthProblem"];
                };
            };
            /** @description `invalid_request`: The request is too large. */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OAuthProblem"];
                };
            };
            /** @description `invalid_request`: The media type of the body is not supported here. */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OAuthProblem"];
                };
            };
            /** @description `temporarily_unavailable`: Too many attempts. Please wait a while and try again. */
            429: {
                headers: {
                    /** @description What is left, `r`, and in how many seconds there is more, `t` */
                    RateLimit?: string;
                    /** @description The budget that is used up: name, quota `q`, window `w` in seconds */
                    "RateLimit-Policy"?: string;
                    /** @description Seconds to wait */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OAuthProblem"];
                };
            };
            /** @description `temporarily_unavailable`: The service is temporarily unavailable. Please try again. */
            503: {
                headers: {
                    /** @description Seconds to wait */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OAuthProblem"];
                };
            };
        };
    };
    issue_tokens: {
        parameters: {
            query?: never;
            header?: {
                /** @description A proof that the client has a key (RFC 9449): the session that is opened is bound to it, and its tokens are refused without. Not in cookie mode. */
                DPoP?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "grant_type": "password",
                 *       "password": "correct horse battery",
                 *       "username": "ada@example.com"
                 *     }
                 */
                "application/x-www-form-urlencoded": {
                    /**
                     * Client Id
                     * @description What the client calls itself; first-party clients may leave it out
                     */
                    client_id?: string;
                    /**
                     * Client Secret
                     * Format: password
                     * @description Only of a client that was registered by the service's operator
                     */
                    client_secret?: string;
                    /**
                     * Grant Type
                     * @description What is given for the tokens
                     * @enum {string}
                     */
                    grant_type: "password" | "refresh_token";
                    /**
                     * Password
                     * Format: password
                     * @description Of `password`
                     */
                    password?: string;
                    /**
                     * Refresh Token
                     * @description Of `refresh_token`
                     */
                    refresh_token?: string;
                    /**
                     * Scope
                     * @description Taken, and changes nothing
                     */
                    scope?: string;
                    /**
                     * Username
                     * @description Of `password`: the e-mail address
                     */
                    username?: string;
                };
            };
        };
        responses: {
            /** @description The tokens of a new session, or the next ones of a session. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "access_token": "eyJhbGciOiJFUzI1NiIsInR5cCI6ImF0K2p3dCJ9...",
                     *       "expires_in": 874,
                     *       "refresh_token": "lkr_AYEdDMqFRVOWkdqzcZ9vEvM...",
                     *       "token_type": "Bearer"
                     *     }
                     */
                    "application/json": components["schemas"]["OAuthTokenResponse"];
                };
            };
            /** @description `invalid_grant`: Incorrect email or password. `invalid_grant`: The refresh token is not valid. `invalid_grant`: This account has been disabled. `unauthorized_client`: This client may not do that. `unsupported_grant_type`: The grant types are `password` and `refresh_token`. `invalid_dpop_proof`: The DPoP header is missing, or it is no proof for this call by the session's key. `use_dpop_nonce`: Please sign the nonce in DPoP-Nonce. `invalid_grant`: Please confirm this log-in with your second factor. `invalid_grant`: Please set up a second factor to finish this log-in. `invalid_request`: The request could not be read. `invalid_request`: The request is not acceptable. */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OAuthProblem"];
                };
            };
            /** @description `invalid_client`: The client could not be authenticated. */
            401: {
                headers: {
                    /** @description `Basic`: how a client says which it is */
                    "WWW-Authenticate"?: string;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OAuthProblem"];
                };
            };
            /** @description `invalid_request`: The request is too large. */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OAuthProblem"];
                };
            };
            /** @description `invalid_request`: The media type of the body is not supported here. */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OAuthProblem"];
                };
            };
            /** @description `temporarily_unavailable`: Too many attempts. Please wait a while and try again. */
            429: {
                headers: {
                    /** @description What is left, `r`, and in how many seconds there is more, `t` */
                    RateLimit?: string;
                    /** @description The budget that is used up: name, quota `q`, window `w` in seconds */
                    "RateLimit-Policy"?: string;
                    /** @description Seconds to wait */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OAuthProblem"];
                };
            };
            /** @description `temporarily_unavailable`: The service is temporarily unavailable. Please try again. */
            503: {
                headers: {
                    /** @description Seconds to wait */
                    "Retry-After"?: number;
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["OAuthProblem"];
                };
            };
        };
    };
}
