"""Accounts that are gone while their events are still being seen to: those point at nobody then, and aren't in the way."""

from tortoise import BaseDBAsyncClient

RUN_IN_TRANSACTION = True

# What deletions have left behind until now: events that have lost their user, and letters that told of the end.
LEFT_BEHIND = """
UPDATE "security_events" SET "detail" = '{}'
    WHERE "user_id" IS NULL AND "type" IN ('session.token_reused', 'sessions.revoked');
UPDATE "security_events" SET "session_id" = NULL, "request_id" = NULL
    WHERE "user_id" IS NULL AND "ip" IS NULL AND "actor_id" IS NULL
    AND ("session_id" IS NOT NULL OR "request_id" IS NOT NULL);
DELETE FROM "outbox_mails" WHERE "letter" = 'account_deleted' AND "state" <> 'pending';
"""

POSTGRES = """
CREATE TABLE "unfinished_removals" (
    "id" UUID NOT NULL PRIMARY KEY,
    "created_at" TIMESTAMPTZ NOT NULL
);
COMMENT ON TABLE "unfinished_removals" IS 'Deleted accounts whose traces are being taken';
ALTER TABLE "security_events" DROP CONSTRAINT "security_events_user_id_fkey";
CREATE INDEX "security_events_actor" ON "security_events" ("actor_id");
"""

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
CREATE TABLE "unfinished_removals" (
    "id" CHAR(36) NOT NULL PRIMARY KEY,
    "created_at" TIMESTAMP NOT NULL
) /* Deleted accounts whose traces are being taken */;
"""
    + EVENTS.format(references="")
    + """CREATE INDEX "security_events_actor" ON "security_events" ("actor_id");
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
    return (SQLITE if db.capabilities.dialect == "sqlite" else POSTGRES) + LEFT_BEHIND


async def downgrade(db: BaseDBAsyncClient) -> str:
    return SQLITE_DOWN if db.capabilities.dialect == "sqlite" else POSTGRES_DOWN


MODELS_STATE = (
    "eJztXVFv2zgS/iuEXq4FvEHiOGmaOxzgpOlurm18SJzrdRcLLS3RNtcy6ZUou0av//2GlG"
    "SJsqRIjtMqql7amJwh5W9Ecr7hkP5izLlNHO/gHeMr9oYsqUWMc/TFYHgu/8iq7iADLxZx"
    "pSwQeOQo+ZkUNG0lqWrwyBMutgRUjrHjESiyiWe5dCEoZ1Ll45S4BPkecT00xUuCHD6ZEB"
    "tRJvVtbkEDlE2kaB8FLSMxxQJhpQQ6XqyCODtH8uFtNFojKjxkcT6j0C13oxJGxIq7M4SZ"
    "je6hhZ/6E8LEgezNZ/Qvn5iCT4iAx4I+f/vNkL3IylBPyUGRiaWa8fvv8Jkym3yGLwzy8u"
    "NiZo4pcWwNSmpLTVVuivVCld3fX795qyTlVx2ZFnf8OYulF2sx5Wwj7vvUPpA6sg56Jy4W"
    "xE5Ay3zHCU0RFQVfCQqE65PNo9pxgU3G2HekgYx/jH1mSbsg1ZP8p/fP8NESYqZ5Mxiad1"
    "dD0zS27CkfIWW3sMjiTL4LlAkJ1JevQbsxIKrUkB1c/tK/fXF8+lJBwD0xcVWlgsv4qhSx"
    "wIGqAj1GOWEkHerLKXazoU6opPCGx90F6agghjp+9SMQI5ieAFhjjj+bDmETMYWPvdcFQP"
    "+nf6uw7r1WWHMYqcE4vglruqpKQh5DnHj5K6CsazUQ6O7JaQmkQSoXalWnYz2mridMjxBm"
    "4gy43wBYgs5JNuRbyinU7VD7IPrjGdqgAPLh9Yeru2H/w79l83PP+8tRkPWHV7Kmq0rXqd"
    "IXaetsGkEfr4e/IPkR/Tq4uUpPTRu54a+GfCbsC27CYmhiO4lJVBwVacZ28O62Tuu2pq61"
    "qcfcnXAhdhvWKd09mDp0BVpL79/Sat2r5vslVPbpANbXqA/4e9KlHs8y3b3IN9ehfctdQi"
    "fsHVkrgK/hOTALqEsK0JDf3IfNPE9I49J4KLt4teEgyReKS3bmEBF4a/27y/6bK0MhPMLW"
    "bIVd29SgljW8y1MlG9ntqnl3ni7BDPw+O/wW8plD1AeMDGF+GvIZYUYG69TqO0W0kzMgbS"
    "AKzA1kSxJP1a6H+Bg5lM08yR4BGAE8NIN4SpG/eUi1fw4s0wm4JJDPaQfBjAxFAYlVtFJ+"
    "WPguvMvQ74RzWQK0VVZJWYxWU+qQPMqZYpRfjBhPbW4IOjCkOPm8gDHjwTfbwB6BmcLGjI"
    "ZMNAQMpQ5YqQ9q7kr0N5XjCqY72XrVnqbh5JbTUy5TVuqmhLYKwdC19kMwHubM34xenPZK"
    "sIvTXi65kFXF1Dl6nypgnlBpIKM77paA/LibC7ms0umc54/+JFYl3pxQ2Qnimrl2ac5c5q"
    "0GqQLO3EuDrE1ZFZBO6zUP7uPuYak3+rDglT5Mw225RMKxA5HRNVvGWmseA+s+heZ2MLOu"
    "2Zq51mZu6WpLV1u6mk1XfTHinz9g6hhZZDWu7RRSVSVnzkGwJE99H5DSYNNzhakAFopGBH"
    "nhXkqaqSrxDlq5VAYJJa0FYglAY+bhYHdPtSTbIY4jCfAB+hiWeHgNRNiDtrFD7I5irCu6"
    "ICGBBQlVmb9dWsRd4bUW6q22QQlWg4foZAIpE1TKk9boBarSQTVa7BKLLqja/63QR6yV31"
    "G7f/xd94+D0VOFNsQaLQUuQYG1MVAWY02pgTA/CQ92MJv4sJRVepkTOg3E+awEyme5GJ9l"
    "ZkJ8D2e5ZlGGx0zFMZpL7PhAEwPXYxvTC8qwu85GdUs1he1oLYJ0tMbgevF+cKFxSnhLL6"
    "5v+refXnzo//elRizfD25+juSTNrj4NLzqpyOUkY9WOj4ZKTRwujgqk9FzlJ/Qc7SVz4PB"
    "V5gvREZc8pqJbICTKimMabAgPjeMJ/Ihfuoe9V71zo5Pe2cd6UTJVTAqeVUA+/XNMIVpyC"
    "a2EC2OSsVabUSq1hGpNr78Q5hZBhV2sHFCrc2DqrN9VYIicV1ejVxrWs3bkeseltmRA6l8"
    "4neoduS2gs7fJ0Z6RyzfpWJ9tSQqvLsVJtUFOkWRUi8UNYmULX2aBAs0hUbhpbBloBRbFv"
    "dBXYUyvShKlzKVMWAynhr0h1R/B2jgC4cuiacSfSRvO5eBVBYGQTHjbD3nvneAbkDBRVMO"
    "ACGMFtjzVty1kUr0UVkpj0z0SaxjD0QbU5BVDGru3o++0pbrDczIy0Rp030pvfLdhCbfoa"
    "NQs0pQGAwM81X1rkLNNixc17CwgqrCuhXJN5AU7ysRrfXwfzAPMDETV5ixdK02ZpqKJ0WL"
    "aAVEkzotnjqedFFllg+km8dKeidlzoye5J8ZPanNmdFa4/wkR0YTXmgFqHWt5kG9f6/FJi"
    "JM9tEx/tfd4CYn5LzRSHsq1BLof8ih3nOM5xcAK7HQ3JMI0M0mVQLry4wtKtnARbvr2tQM"
    "xXoiqiUoRg/wHDIU78BG8P3ATEZW6C2u7RTG3QI5c0bWJYNu0CRaYBrlKMoGZNwNPHcUH8"
    "hLpSnOQp0DNJwStHDpEl4TNMXOWEbXCLPc9QLeG+TDqyADaVIe/qJLKBu7fI7uri5vwd7v"
    "rj79XSU4LvyRQ61NC+qjNyV2yeBbboBlVm0hnT1iBf2xz59hZ8JdKqbzKnBrSg2Mtuw/BS"
    "EYJ+afq4xLcvJ9F12r9V8e4b+Ec525meO27VCU65SpvmO+0zMyxVMlPLXBx12s8eyCj/Lk"
    "w5KY0nOoaueUaptmUGc7u2ADd6fhrGu2Vq6bleuS4SCwAD+HWkYWxdpUdgoZViRWkl/9wl"
    "eIj+VhLo/PgcCAmTc5Dh15reWU++4WxyrSCq7KJEoRvZAJDiMyoUzyvg66H16+7CAukxqw"
    "44BowPa9/Csyo/4VHI+6EfOCTnIzYTOZVUYObDjw6kusggTY193u8fGr7uHx6dlJ79Wrk7"
    "PDTSbsdlVRSuzF9c8yK1YbjVGabD7dimxWZY6MdFpnp3bTY3IRVP9vmbbgBtRQvoH8ef9x"
    "f3XWpNrEtVFpUv7+N5i+arLk37MxZSqWeEvmHIyZtfRvCxW6AP5G3HQD+ZK+wBsVbLbjvM"
    "bVlHvqeDes0Ai7BFZyudILHN6apsddWaQYHSf3UBC+ts9VniMFhwJqqYMYD1wGT3BXOgwe"
    "csg4VJPfXeZFPja22iavfYvktTbE0dhVvy4zpKfG/fakGG4DFsyDXnjf4sMzXz+c8TrB9Y"
    "rATuStCiP+uWCWO0ADXfYc/UHkn3+oHG4PTeiSsE5YaFoyq5taOKheqUsx5E8IzBdYzoEy"
    "hTx4c3fJ6NYH08NJwgqaRGp1uOHYJgjXcY5V708Vn3uj0ECn+0muM0iN0MpY66qN2599kr"
    "v9xtCxWZVNakrNyyTb25Gt735XR61h3vNVHfJeYFhFo8NZVXDOUG3knF0m6RekCubsrbRf"
    "qo5rgYuVES/h3CGY5XghSb303jYoPhXa0fT9jbe2B4P3Gsm4uE6FQ27uP1xc3b44UtiDEB"
    "VakFcD3PPB3c1O43sIc031G8K+KXm2uAcexpK4FDrK2tYoQn5bucW+AvbRoV5ziR0KRGmc"
    "eYHbQ9cIZLfRbgPXLeLR5u78cGb2F/aOZtY128FcNytXCF8mErLTvzGaWmpD9bfvbomDRX"
    "iCP/uYQup3TZ/nGN+6T1kbPBk/jbM7Xulf5GkiYBnXjuwO2NZ1J89yftkG7Ck3E/rgCFtT"
    "I2M7IazpFG0o4FjmoR2FfBj2vKX5o2Q0PfJKv/zoOnCj6CqWslGbhEobrSkXrZGDqgLCoX"
    "gD0T0qFeI9KgjxHm2HeKFHkXn+Pf/QTUKlPXFT8cTNd90Z//p/62zmfg=="
)
