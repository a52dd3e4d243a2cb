"""Accounts that are gone while their events are still being seen to: those point at nobody then, and aren't in the way.

On PostgreSQL each step is by itself and may be repeated: what locks the table of events does so for a moment, the index
is built while others read and write, and so is what looks through all rows.
"""

from tortoise import BaseDBAsyncClient

RUN_IN_TRANSACTION = False

# What deletions have left behind until now: events that have lost their user, and letters that told of the end.
LEFT_BEHIND = """
UPDATE "security_events" SET "detail" = '{}'
    WHERE "user_id" IS NULL AND "type" IN ('session.token_reused', 'sessions.revoked');
UPDATE "security_events" SET "session_id" = NULL, "request_id" = NULL
    WHERE "user_id" IS NULL AND "ip" IS NULL AND "actor_id" IS NULL
    AND ("session_id" IS NOT NULL OR "request_id" IS NOT NULL);
DELETE FROM "outbox_mails" WHERE "letter" = 'account_deleted' AND "state" <> 'pending';
"""

POSTGRES = (
    """
CREATE TABLE IF NOT EXISTS "unfinished_removals" (
    "id" UUID NOT NULL PRIMARY KEY,
    "created_at" TIMESTAMPTZ NOT NULL
);
COMMENT ON TABLE "unfinished_removals" IS 'Deleted accounts whose traces are being taken';
""",
    'ALTER TABLE "security_events" DROP CONSTRAINT IF EXISTS "security_events_user_id_fkey"',
    'CREATE INDEX CONCURRENTLY IF NOT EXISTS "security_events_actor" ON "security_events" ("actor_id")',
)

POSTGRES_DOWN = """
DROP INDEX "security_events_actor";
UPDATE "security_events" SET "user_id" = NULL WHERE "user_id" NOT IN (SELECT "id" FROM "users");
ALTER TABLE "security_events" ADD CONSTRAINT "security_events_user_id_fkey"
    FOREIGN KEY ("user_id") REFERENCES "users" ("id") ON DELETE SET NULL;
DROP TABLE "unfinished_removals";
"""

# SQLite can't drop a constraint: another table, with all that is in this one.
EVENTS = """
CREATE TABLE "security_events_new" (
    "id" CHAR(36) NOT NULL PRIMARY KEY,
    "type" VARCHAR(64) NOT NULL,
    "created_at" TIMESTAMP NOT NULL,
    "session_id" CHAR(36),
    "actor_id" CHAR(36),
    "ip" VARCHAR(45),
    "user_agent" VARCHAR(256),
    "request_id" VARCHAR(64),
    "detail" JSON NOT NULL,
    "user_id" CHAR(36){references}
) /* What happened to accounts and sessions */;
INSERT INTO "security_events_new" SELECT "id", "type", "created_at", "session_id", "actor_id", "ip", "user_agent",
    "request_id", "detail", "user_id" FROM "security_events";
DROP TABLE "security_events";
ALTER TABLE "security_events_new" RENAME TO "security_events";
CREATE INDEX "security_events_user" ON "security_events" ("user_id", "created_at");
CREATE INDEX "security_events_created_at" ON "security_events" ("created_at");
CREATE INDEX "security_events_session" ON "security_events" ("session_id");
CREATE INDEX "security_events_request" ON "security_events" ("request_id");
"""

SQLITE = (
    """
BEGIN IMMEDIATE;
CREATE TABLE "unfinished_removals" (
    "id" CHAR(36) NOT NULL PRIMARY KEY,
    "created_at" TIMESTAMP NOT NULL
) /* Deleted accounts whose traces are being taken */;
"""
    + EVENTS.format(references="")
    + """CREATE INDEX "security_events_actor" ON "security_events" ("actor_id");
"""
    + LEFT_BEHIND
    + """COMMIT;
"""
)

SQLITE_DOWN = (
    """
DROP TABLE "unfinished_removals";
UPDATE "security_events" SET "user_id" = NULL WHERE "user_id" NOT IN (SELECT "id" FROM "users");
"""
    + EVENTS.format(references=' REFERENCES "users" ("id") ON DELETE SET NULL')
)


async def upgrade(db: BaseDBAsyncClient) -> str:
    if db.capabilities.dialect == "sqlite":
        done, _ = await db.execute_query("SELECT 1 FROM sqlite_master WHERE name = 'unfinished_removals'")
        return "SELECT 1" if done else SQLITE
    for step in (*POSTGRES, *LEFT_BEHIND.strip().split(";\n")):
        await db.execute_script(step)
    return "SELECT 1"


async def downgrade(db: BaseDBAsyncClient) -> str:
    return SQLITE_DOWN if db.capabilities.dialect == "sqlite" else POSTGRES_DOWN


MODELS_STATE = (
    "eJztXftz4jgS/ldU/LIzVWwqIeQxuaurgiSzm508rhJyc7OP8gpbgBYjsX7AUHPzv1+3/M"
    "A2xrEhMIbxLzOxpJbM13K7+1NL/lIbSYOZ9sEHIafiik24zmoX5EtN0BH+kVZdJzU6Hs8r"
    "scChXVO1H2JDzVAtVQ3t2o5FdQcqe9S0GRQZzNYtPna4FCjyccAsRlybWTYZ0Akjpuz3mU"
    "G4QHlD6tABF31s2iJez8QZUIdQJQQy9lyESHFB8OYN0p0R7thEl3LIYVhpBSWCOVNpDQkV"
    "BnmGHn5s9ZlwDnA0V/C/XaY5ss8cuC0Y87ffajgKVvpyqh0UaRTFan/8AddcGOwz/GBoj5"
    "fjodbjzDRiUHIDJVW55szGquz5+ebqvWqJP7Wr6dJ0R2LeejxzBlKEzV2XGwcog3UwOrOo"
    "w4wItMI1TV8VQZH3k6DAsVwW3qoxLzBYj7omKqj2z54rdNQLUSPhP81/+bcWaaZp9w8d7e"
    "m6o2m1BX3iLST05hfpUuBc4MJBoL589fqdA6JKazjA5c+txzfHp28VBNJ2+paqVHDVvipB"
    "6lBPVIE+RzmipDjUlwNqpUMdEUngDbe7CtJBwRzq+dQPQAxg2gCwtRH9rJlM9J0BXDbfZQ"
    "D9n9ajwrr5TmEt4Un1nuN7v6ahqhDyOcSRyV8A5bjUHgLdODnNgTS0Wgq1qotj3eOW7Wg2"
    "Y0KjKXBfAVgOH7F0yBeEE6gbvvRB8McO6iAD8s7N3fVTp3X3b+x+ZNt/mwqyVucaaxqqdJ"
    "YofZPUTtgJ+XjT+ZngJfn14f46aZrCdp1fa3hP1HWkBi9DjRpRTILioCimbJOuruukbKXq"
    "Uqu6J62+dJzVHuuE7Cuo2ncFKk2/vqbVe6+Y7xcReU0HsLxKfcHfQ5e6N0x19wLfPA7te2"
    "kx3hcf2EwBfAP3QYUXuiQA9eObZ7+b3YR0Xjp/lC06DWOQ6ISSGJ2ZzPG8tdbTZevquqYQ"
    "7lJ9OKWWocWgxhrZkImSsO1i1agxSpZQAX6f4f8KvGcf9TvKzbZrQKxVS4k5I7X1rJBzBO"
    "20rmqYM+L8WU7JyNUHBEUhjMT/uvKziiQH1FgIOx8EI94ARPYgwmSBxAG5gSLXMfmE2RCU"
    "MkJ1XbrCuYBeBZsGlwSiVVVrGDCzbcIhCJWqgdftstgzb2g5ZLMirrjf/HV88JfDyq154K"
    "fNHA74aXOp/41V2dFlD+5ilTf2XKzyy0r3tl54vXwbawhWpgMToCOHTKTZw1h9pkUEC6Xh"
    "XAJbAm1zGkXVr40GzuRiaCOXBq8Jh1l2Cg2HTX4Ai4cyF2ARTY9ZAwM6qBPwT5WRVOwckm"
    "x4MXYt0BWM25cSS3SmqrAtJdMBN1lOI/ilNscz5il5A9SwOfs8RjsLvyyEPQAzgY0WOBDB"
    "A1lT4oCVulCeXGS8AU5x34oXHWngW4YlIy017kpcQ2iL2Pi4VGXqC5v6YD4VwDwisof81n"
    "EjB+THjaWQY1Wc3LLd7l9ML8QiRkRWgrhkgW6SQcwzq6FVBoPYTIIcM1kFkE7K7R/cx43D"
    "XDP6MGNKHybh7s606BrYIuJtKU1GRTroKdIJ3LsgvilTEpZs10lsPzzcxvzD9k0ngfjzXf"
    "v68c2RUgQ04l74enPfSaBvsT7HUfHuCpIuKaJrkC8lm/jrrLXN0dUthr94hQAoLlnFQKWL"
    "gaJqBp+WQ3crqDkuWam51GquiOmKmK6I6XQqxnW68jMS0LU0ImZeW8+kYVQ7DbninBzMrU"
    "e4eOlNU8od4kjSZcT2syaSLIxqXidTi+NyIFI2yDLDIMKmXh6P6gn7YaaJ5M4B+eiX2HSm"
    "iGibUZMZdcXGTPmY+eQMtFCVyxOjsngZmNaOmtUmFep/x7UUaRVxBF6iTyLoaYF4PpYmmF"
    "VFRijGA1lM52PuayX8seouiwzqLyPkH9eQICLWG3TeR1Emqspg20YGm/dUFwnV5xIV7ZSD"
    "doo9vHkxjgntIcwb4Z7A+vddeMUWmswRmT3E+TwHyudLMT5PzcX8Fk78XhIcE2q6EL56Ll"
    "EKdccFtWbpqC6IJnm7meMlxO8Nru3bh3Ys1oVZ2r65bz1+enPX+u/bWMB7+3D/U9A+qoP2"
    "p851K7kqEHg2udcEAoE9NBdHeXKKj5anFB8tZBRT8BVGYydlLeBGOOkAR0USGHPvhbhrGP"
    "fxJn5sHDXPmufHp83zOjpR+BYMSs4yYF+knQ0IjYqzZXOpiikrNVNW8d7fhZqR7FhBxxGx"
    "KhO7zPpVWySYZcliwXVMav9WwRuHeVbBodXywO9wYRU8oP3iID+NqGku9TICme15GEebdS"
    "+OG2enoWeBF1lOxdNd6/Z20bMIiM9kINJfCmMgsT0YDzcL47tG4/j4rHF4fHp+0jw7Ozk/"
    "DEFdrMqCuH3zEwIcm8UpvlxIj+a1EHOJ7QUgtU1xmklW6CQXK3SSwQqdvE1bKfs2CzuPkS"
    "SPWsrSTqy+nrW4E00Xybm6E+1cJdr62VXMX/ARsiuNmdqFAErpcQt3sc9Y6soPTCeLRO9B"
    "9SeIK+ai/uaDH+xgoAsyHcigb5uM6AwXl6CMTaC3ETVwYz23MV/34Hfxu8DNDWNMChYSyk"
    "VfbXfoMl2O4rsdYIQxte2ptAy1jISgQre4IuVEqqDnPp9AabCKRKbcGRCqsonXzP7Nv64U"
    "U1zBZZ9IfkOhUXy5as2lrGsuaoOGuihg92NClWOY1zHc/opAqWF+5QUBzPgHOxgY3SI4p4"
    "juIaP6ai5NxRCta7B3jkGoMiO/CzVXmZFVZmSVGZkaQD8x3bW4M7ueMJG6az/eoJ4VQtt+"
    "U41h29ynxUGkPIBOQe0Gpkf6MaitIk87CMcSulBb+IPxiBrvgDwEG/cxSkW8LzCoFX7qIx"
    "VSzEbStQ/IvYqPBxIAgmg1jGfV1lW1z3JrwWsCsoLh6+rjxL2UfKOBGmWeNMzkWEou/zC+"
    "ylcYyJfMP5TFQMG2s8JQvmRFAJSVAFBQLeCcsb3ab7+HAdJrba2uoqPvzG2OWOICFisuVW"
    "UkJrK1gpdoAUSjMhWecTz5uIiV91rvH+fYzEOBNZczYM0FAuybnQlbapw3ciRsxAstAHVc"
    "av+gfn2vxWCOv8UvjvEvTw/3SxIBQomkp8J1h/yPmNzexWzZDGARi5h7EgAapoBHsL5MSQ"
    "DHDtrVnoZ9Zd/KiWiMfAtuYCfYN9AR/D5QUy2NepvX1jN5N6+dNmSznKQbdEnGlAc7k7ED"
    "5N3wKMv5EXOJFJWhL3NAOgNGxhafwDQhA2r2kF1jQrdmY5g3xIWpgEQatoe/+ATKepYcka"
    "fry0fQ94frT/9QySZjt2tyPexBXeKC5dqHZxZ7kQ7XeIOuQK7s3At0OcdCzb60uDMYFYE7"
    "JrSHbMvrb/DxnhPtr2nKRzCW+y5xqcp/WcN/8W2dFtq4RT1k7SRMFV9xN+EOqWJT2wkr8n"
    "EVbewc+YjnnUyYhp5DUT0nRKtNPGXWswU6sFZ6nOOSlZbLpuWSbBF4cqgDfg7Xa2khVlhZ"
    "z4ywgmYFPkgge3iEky1HTOXahzkOdfxs3UC61kKMlSXlfQqPKUHyBhMcuqzPBcZ9dfLcuX"
    "xbJxKTGqhpQlMv2reXfwIvGF/BsdYX77K2LqVGVikbl/wHr7yB1RY3Li0PtwKdFbGRgUzl"
    "7JTOPEZfgkV3Kqy1SaFsitw0769OcilmuEKRfTodYwvmqySv/GfR40JxiY9sJEGZaa/+xU"
    "aZLoAbNtcsr31OX+BKkc3GPK9xOpC2OtQR3tCEWgze5Pimd6j/HZA47yrCbw75h0jaxKOv"
    "jQuV58jBoYBabgab+ojtSIup3Xkm6/li+NsxL3JdbrVKXttG8lpFceztW78sFtJWz/2iUf"
    "SXATPsoO1/Qehly9fyLV7d+2CQ2pIcno+6xModkId42wvyJ8M//1Q53P6O47pfqOmY1c11"
    "6lVP1VG4uNt6NKZoAzGF3Ju5q2R0xx+ml5OEFTSR1Gp/wbFKEC6jjVXzp4jPHQrsodO9kc"
    "NCE09oYazjonu3PruRr9VU+95TJne1730bMFf73vdg3ztX27XAxUrhS7K+cxWT2+IXrgLz"
    "vbMfuALgbBfc3fQ0vpcwj4lWHxYrgLvnYUyYxWGgtGWNLOQXhSvsC2AfbOrVJtTkECj1Uj"
    "+P8NIhnel9VMvAZWM8qtyd707N7thYUc1xyephLpuWC9CXkYTsyBdQU46pb/vi7z88MjM8"
    "qTF9m8IH7Ooq/Jbqbj7jC2eFxB6elI+9r45X8hvz+wjYwsmdq8OVPC50H+FKOaVldcAWTo"
    "fZSXO8CNgm115aEDfog1rK6otfU89af6HzNi8twCyH4ZVXgL+XBLA1vy+yfDECQsng5Jq8"
    "JFdEpCK38pFb+FAVQNhvvofoHuVixI8yGPGjRUYcRnRSjwtYvkcpIlJtUCq4QembJhJ8/T"
    "/Pj0QJ"
)
