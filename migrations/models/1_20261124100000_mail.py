"""Letters: the outbox, the tokens of their links, the language of users."""

from tortoise import BaseDBAsyncClient

RUN_IN_TRANSACTION = True

POSTGRES = """
ALTER TABLE "users" ADD "language" VARCHAR(8);
CREATE TABLE "outbox_mails" (
    "id" UUID NOT NULL PRIMARY KEY,
    "letter" VARCHAR(32) NOT NULL,
    "recipient" VARCHAR(254) NOT NULL,
    "language" VARCHAR(8) NOT NULL,
    "user_id" UUID,
    "values_sealed" BYTEA,
    "state" VARCHAR(16) NOT NULL,
    "attempts" INT NOT NULL,
    "due_at" TIMESTAMPTZ NOT NULL,
    "created_at" TIMESTAMPTZ NOT NULL,
    "sent_at" TIMESTAMPTZ,
    "last_error" VARCHAR(200)
);
CREATE INDEX "outbox_mails_due" ON "outbox_mails" ("state", "due_at");
CREATE INDEX "outbox_mails_user" ON "outbox_mails" ("user_id");
COMMENT ON TABLE "outbox_mails" IS 'Letters that wait to be sent';
CREATE TABLE "one_time_tokens" (
    "token_hash" VARCHAR(64) NOT NULL PRIMARY KEY,
    "purpose" VARCHAR(32) NOT NULL,
    "subject" VARCHAR(254),
    "created_at" TIMESTAMPTZ NOT NULL,
    "expires_at" TIMESTAMPTZ NOT NULL,
    "user_id" UUID NOT NULL REFERENCES "users" ("id") ON DELETE CASCADE
);
CREATE INDEX "one_time_tokens_user" ON "one_time_tokens" ("user_id", "purpose");
COMMENT ON TABLE "one_time_tokens" IS 'Tokens of links in letters';
"""

SQLITE = """
ALTER TABLE "users" ADD "language" VARCHAR(8);
CREATE TABLE "outbox_mails" (
    "id" CHAR(36) NOT NULL PRIMARY KEY,
    "letter" VARCHAR(32) NOT NULL,
    "recipient" VARCHAR(254) NOT NULL,
    "language" VARCHAR(8) NOT NULL,
    "user_id" CHAR(36),
    "values_sealed" BLOB,
    "state" VARCHAR(16) NOT NULL,
    "attempts" INT NOT NULL,
    "due_at" TIMESTAMP NOT NULL,
    "created_at" TIMESTAMP NOT NULL,
    "sent_at" TIMESTAMP,
    "last_error" VARCHAR(200)
) /* Letters that wait to be sent */;
CREATE INDEX "outbox_mails_due" ON "outbox_mails" ("state", "due_at");
CREATE INDEX "outbox_mails_user" ON "outbox_mails" ("user_id");
CREATE TABLE "one_time_tokens" (
    "token_hash" VARCHAR(64) NOT NULL PRIMARY KEY,
    "purpose" VARCHAR(32) NOT NULL,
    "subject" VARCHAR(254),
    "created_at" TIMESTAMP NOT NULL,
    "expires_at" TIMESTAMP NOT NULL,
    "user_id" CHAR(36) NOT NULL REFERENCES "users" ("id") ON DELETE CASCADE
) /* Tokens of links in letters */;
CREATE INDEX "one_time_tokens_user" ON "one_time_tokens" ("user_id", "purpose");
"""

DOWNGRADE = """
DROP TABLE "one_time_tokens";
DROP TABLE "outbox_mails";
ALTER TABLE "users" DROP COLUMN "language";
"""


async def upgrade(db: BaseDBAsyncClient) -> str:
    return SQLITE if db.capabilities.dialect == "sqlite" else POSTGRES


async def downgrade(db: BaseDBAsyncClient) -> str:
    return DOWNGRADE


MODELS_STATE = (
    "eJztXG1z4jYQ/isaf+l1hjIJl0sz105nIMe16SXQSUjba6fjCluAirFdSw5hrvnv3ZVt/A"
    "qxCbkA5y8ZkPaR8LOytPtIyidt5pjMEs2+zQZ8xgbOlNnaW/JJs+mMwYfC+gbRqOvGtVgg"
    "6dBSAMdmugRTXaKtqqNDIT1qSKgeUUswKDKZMDzuSu5gd5pqVxBnRCxuTwXhNrGYlMxTeN"
    "MxoAFuj9G0rUy+EkS1/5Y4trUgXAoyoWLSICPHgyJGfME8Qm1TfXF9z3Ww37HjYInBVBXa"
    "UjKfcIs1sR/f5v/6+MPHTE6YB739+RcUc9tk90zg10/aiDPLVJ817ELnJiLDDjQ0Z/eux4"
    "SAJxNRCxGZGW50bEGRt3BVvabgwJX68oBQd6qrLlNOUXAdHxgRql6P2jifUO+9QiBzQ91w"
    "LH9m51HuQk4cewkDgrF0zGzmUcnMhK9s37JC70ZFAVNQID2fLSky4wKTjahvoccRHfySuE"
    "zT9V5/oN90B7qu5UZDhEh4PSwygFNgh9tSKD5m9F63mD2WE/h6evIQ9BPzEVhhh7+2r89/"
    "al+/Oj35Gjt0YDgGw7UX1rRU1YNqgkqqx36OaY+8XIHzBGQ7hEcFMePxK/XZKX/dKkH569"
    "ZKyrEKKY8pFv7wHwYzRQWKE5CNKA5H7G4y3HpTZlSD1UqOVV2aZMNjSIdOC3h+BzU4RRVz"
    "nUZm6DZDaDP6sIfjew3Zg4ur7s2gffULNj8T4l9L8dUedLGmpUoXmdJXpxm/LBshv10Mfi"
    "L4lfzR73UVnY6QY0/1GNsN/tDwN1FfOrrtzHVqJjmJiqOilJthIeLQ3AZuTiNrN++0mxNh"
    "SNrHt7cX74r9m4xc0s71fW42EXhYTg0WosBLSf7Vkz6oQGs0LVzzoxAtTe17x2N8bH9gC0"
    "XwBfwOClFlAaFh/HwbNrOflMal8Xrp0fkyMk0OKHh2eGImg1W7fXPeftcNQtkhNaZz6pl6"
    "imqscVpOpmRpm6+atWbZEmrTsSIHnwJ/c5S1+HLo3F9RbmlFOU1c21ib0Sg7fQaGJdOZyy"
    "B3IXJCJZlTLiFZIUNGBLNlUUKjzBtk7nH4YGP2A/kHEE1tAf1Ao0FL2A6zLMyTGqotMlxg"
    "AuN4U+Y1yW+hjaALyKAEWFCLmQ2V6sy5y8LMB4GbpDswxKUa4SaAYGV4LNdJsKYDZE2eg7"
    "NZQV5VpYNNM6lq8+b2p8zH8yft+5FvB4NA9YR/Tn7Qdm4ObaxJnIIBXiWojxF12lQibfKY"
    "wV0ezi5lOU6BDpDmZ8mdLGqPfVhtKg3mBOYAeT4rwfLZSo7Psgy/WDy7Y0LAU6bimM07av"
    "mQyQWxQJ7TDreptyhmNQfNcDtcSCYOitfOZb+TSvtglHYueu3rj6+u2r9/ncr9Lvu9HyP7"
    "pA86HwfddlbVikKn0ppWBDjA6eL4tMR8cZzNqOMJA6vS9FKIFWauFHmGL2xZTHASkuGYBw"
    "vivnE8xh/xTev45NuTs9enJ2cNDKJwFYxKvl1D+0VvkOE0DPJzjK4XjmJULRrttGhUS8Bf"
    "hJsx19/AxwnYFhy8P+v/3vnXokLqzPOcasl1CnWAm2ZHR2USv6Oj1Ykf1hXowi8jY94ww/"
    "e4XHTvmFJgc0pm2qCxTswUoanO0LaknqmUxQk0CoPCRC2TGobjA1xpiyIS6DKu0vo2qo1B"
    "f0T11yR9X1r8jgl1ZAPztreoddqoW3JszrEXM8cXTdIDgEcmDhBEKHGpEHPHM4k6sqFOMj"
    "zxyEZiHXtEaMxQ9pjWmFEzN+8nvdLWyuYuKpuKqgpTb2R/gHndts7f1EHqFxbEhOtHRc0v"
    "japlv4wkYkinqoqaxNR8pvnkbpVZPrA+vMD65E2JKf7kzcopHqsKxH6IeqvtXKVRh8dz60"
    "0ZjRSs1uxc5VRSj8GTQuJXNCms2yRMog6P6u1HLSaT4ZGSNMc/3/R7K1TTJSIbqXBDkv+I"
    "xcU+StJriEUuUuFJROhynyXB9XnBLgs20Kk3Dg/1HNxuMrrxMTjon/RuLy9f6hzcDfgIng"
    "/cpBWpR3FtY610FNjpU7YoqRtBk8SlPDoJhw2gdASRO4lvB2UOw01DTJMMJoy4Hr+DYUIm"
    "1BqhQMRsw1u4MG6ID0MBtSC0h0/8DspGnjMjN93za/D3h+7H79QxOtcfWtxYtqC+igkzS+"
    "pHKwWWabWFdPqEFfTLvnZDrbHjcTmZVaE7BTpAtWX7u+jBe6L/M59WiV3SqDp+eUL8Es51"
    "+nKOy/th3XGdQviGR3b2yBXPdWanFh838cbeiY8eOMHbyM1pZL1Pvmte3pHNW5XxFETdUS"
    "a0Ot7GbKJkoN0O92MbwXV3CIzxWsTQuc8H2Ha0edsk/bTtW/I3w49/q51YQcYQU9uNsFA3"
    "cG+WGzSonqu7JoIYzsyl8BaojeBg5G6yL5ueMh+/+6GoSWyQhklXvUe6i3ukavxUid2XgA"
    "OM25/lUkLmDa3MdRp6cCnq61aZ80BgtebGzVGW8xF0rKsvFdhOgQ5PTN/awasXv3Gz0zRv"
    "+cIN/kcYWEWjI1ZVeC6AHuScXWbfE6zWzNm5nU8udLzbe1cwrjuOYzFqr4hCkrhseg/A52"
    "I7mr4/c3bf71+mkozOxSBD8u1Vp3v96lhxD0Y8kNzzNxqAOOFDuFu8k/EY5ynoZ6R9WbK3"
    "vAcRxh3zOHRUpGmtYz4PrrmvwH10NFe/oxaHRGlUeA37scsAxW3UiseuKR61fPnFudl3zQ"
    "3dnEbWL/OuebmCfBkPh4J/vplZbMMG3n+4ZhZVnOa9v+J/fu7na547tJFZIHPXYTYnLHcN"
    "Zy/fmDxhzymPtyG0MyZagUAe1jTWSeQ0tnlMI19NwxPOgBQJyCvvnBfqxwW3zcNhsbvi2l"
    "aumq/WiyHaF+F7VlaHSEBq/aGc/oAvVQWGQ/MDZPe4lGh5vEa0PM6LltCjLDzUvvokTQJS"
    "H6OpeIzmRfd6H/4HGXDySA=="
)
