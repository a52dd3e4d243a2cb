"""The first schema: users, signing keys, security events. One history for both dialects (docs/decisions/002)."""

from tortoise import BaseDBAsyncClient

RUN_IN_TRANSACTION = True

POSTGRES = """
CREATE TABLE "signing_keys" (
    "kid" VARCHAR(64) NOT NULL PRIMARY KEY,
    "algorithm" VARCHAR(16) NOT NULL,
    "public_jwk" JSONB NOT NULL,
    "private_encrypted" BYTEA NOT NULL,
    "created_at" TIMESTAMPTZ NOT NULL,
    "retired_at" TIMESTAMPTZ
);
COMMENT ON TABLE "signing_keys" IS 'Key pairs that sign access tokens';
CREATE TABLE "users" (
    "id" UUID NOT NULL PRIMARY KEY,
    "email" VARCHAR(254) NOT NULL,
    "email_canonical" VARCHAR(320) NOT NULL UNIQUE,
    "full_name" VARCHAR(200),
    "hashed_password" VARCHAR(255) NOT NULL,
    "is_active" BOOL NOT NULL,
    "is_superuser" BOOL NOT NULL,
    "email_verified" BOOL NOT NULL,
    "sessions_valid_after" TIMESTAMPTZ,
    "created_at" TIMESTAMPTZ NOT NULL,
    "updated_at" TIMESTAMPTZ
);
CREATE INDEX "users_created_at_id" ON "users" ("created_at", "id");
COMMENT ON TABLE "users" IS 'Accounts, one per mailbox';
CREATE TABLE "security_events" (
    "id" UUID NOT NULL PRIMARY KEY,
    "type" VARCHAR(64) NOT NULL,
    "created_at" TIMESTAMPTZ NOT NULL,
    "session_id" UUID,
    "actor_id" UUID,
    "ip" VARCHAR(45),
    "user_agent" VARCHAR(256),
    "request_id" VARCHAR(64),
    "detail" JSONB NOT NULL,
    "user_id" UUID REFERENCES "users" ("id") ON DELETE SET NULL
);
CREATE INDEX "security_events_user" ON "security_events" ("user_id", "created_at");
CREATE INDEX "security_events_created_at" ON "security_events" ("created_at");
COMMENT ON TABLE "security_events" IS 'What happened to accounts and sessions';
CREATE TABLE IF NOT EXISTS "aerich" (
    "id" SERIAL NOT NULL PRIMARY KEY,
    "version" VARCHAR(255) NOT NULL,
    "app" VARCHAR(100) NOT NULL,
    "content" JSONB NOT NULL
);
"""

SQLITE = """
CREATE TABLE "signing_keys" (
    "kid" VARCHAR(64) NOT NULL PRIMARY KEY,
    "algorithm" VARCHAR(16) NOT NULL,
    "public_jwk" JSON NOT NULL,
    "private_encrypted" BLOB NOT NULL,
    "created_at" TIMESTAMP NOT NULL,
    "retired_at" TIMESTAMP
) /* Key pairs that sign access tokens */;
CREATE TABLE "users" (
    "id" CHAR(36) NOT NULL PRIMARY KEY,
    "email" VARCHAR(254) NOT NULL,
    "email_canonical" VARCHAR(320) NOT NULL UNIQUE,
    "full_name" VARCHAR(200),
    "hashed_password" VARCHAR(255) NOT NULL,
    "is_active" INT NOT NULL,
    "is_superuser" INT NOT NULL,
    "email_verified" INT NOT NULL,
    "sessions_valid_after" TIMESTAMP,
    "created_at" TIMESTAMP NOT NULL,
    "updated_at" TIMESTAMP
) /* Accounts, one per mailbox */;
CREATE INDEX "users_created_at_id" ON "users" ("created_at", "id");
CREATE TABLE "security_events" (
    "id" CHAR(36) NOT NULL PRIMARY KEY,
    "type" VARCHAR(64) NOT NULL,
    "created_at" TIMESTAMP NOT NULL,
    "session_id" CHAR(36),
    "actor_id" CHAR(36),
    "ip" VARCHAR(45),
    "user_agent" VARCHAR(256),
    "request_id" VARCHAR(64),
    "detail" JSON NOT NULL,
    "user_id" CHAR(36) REFERENCES "users" ("id") ON DELETE SET NULL
) /* What happened to accounts and sessions */;
CREATE INDEX "security_events_user" ON "security_events" ("user_id", "created_at");
CREATE INDEX "security_events_created_at" ON "security_events" ("created_at");
CREATE TABLE IF NOT EXISTS "aerich" (
    "id" INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    "version" VARCHAR(255) NOT NULL,
    "app" VARCHAR(100) NOT NULL,
    "content" JSON NOT NULL
);
"""

DOWNGRADE = """
DROP TABLE "security_events";
DROP TABLE "signing_keys";
DROP TABLE "users";
"""


async def upgrade(db: BaseDBAsyncClient) -> str:
    return SQLITE if db.capabilities.dialect == "sqlite" else POSTGRES


async def downgrade(db: BaseDBAsyncClient) -> str:
    return DOWNGRADE


MODELS_STATE = (
    "eJztW21v2zYQ/iuEPmVAZtSukxXdMMBO3dVrYg+Js64dBpWWaJuzTKoUlcTI/N93pN6sN0"
    "dy+hK7/tJYx7uj9Bx1vHuo3hsLbhPHa1wRyxdULns3hEnjJbo3GF4Q+FGscIwM7LrJsBJI"
    "PHa0hReqmkTp6jE89qTAlvI8wY5HQGQTzxLUlZQzZfRuhiWagVPCiI0kR9iyuA/mCDMbec"
    "TzQFH7srkFziibKrMhIyiaD+n5GmjoS4feEA9RsPY9Il4iOSMMLhFV7jhbLrjvNdAADASa"
    "cccGMXKx591yYSMu4EryOWENNZ/P6CefmJJPCbgRMOvf/4CYMpvcEU9d3hsTSsCJ+m2oCU"
    "1qK0tLECyJbWJpKAty54roOUInEcgZyEzlRGO6dPW4oc0BQn2xOkapKbefZ82yfDblwJ2b"
    "esLU0gieUsvNyPb6uv/qtdZUoRqbFnf8BUu03aWccRar+z61G8pGjU0h9kLdz9oyYb7jhA"
    "srEgUBAYEUPokjYScCm0yw76jFZvwy8Zml1hjSM6l/2r+Gt7amZpqD4ci86o1M08itTXUL"
    "mXUXiiyAGGCiapUDMKvAbwKIlhpqgrM3ncuj56c/aAi4J6dCD2q4jJU2xBKbSVATlDVUOZ"
    "zPZlgU4xzpZ5CGG90G40iQgJy8wBF8EUBfAFJjge9Mh7CpnMHlaXsDxH92LjXKp22NMod8"
    "E+SjQTjS0kMr/fZE4KZfgDTEr2BE0gUphjltmQHbDk0b0Y8dhH4D1KP+Re9q1Ln4Q7lfeN"
    "4nR+PVGfXUSEtLlxnp0WkmLLET9K4/eoPUJfowHPSyr0isN/qgMp+BfclNxm9NbK9jEokj"
    "USrM4f5h1stYaatHZK4wL+1AZB/MUwmmsJ1zURPRdZsDnmk8qVsnywfaW+X4J4ZeOsW3Ty"
    "qk+PZJaYpXQ2lcdUGGp2HZWhXftNX+4dw6Oa0ANGiVIq3H0lALAk/qycKkUA512mr/oP78"
    "VYtNJKZOHuPfr4aDYowTi2ylQi2J/kMO9eR+1SgKi1R5EgF6dNH5K4v12fmwm03RykG3KJ"
    "fU2/LWTA473ko3k5N5YaMTNb1pZF9zQeiUvSVLjW8f7gMzq6jDCZmK69DNTiKaSJNbFPg2"
    "br7XlxM8OjwwkfrhYX40uD4/D9r1Mbbmt1jYZgpqNcJbPCOJdfNDi9YiK8EMNkU7fAx10x"
    "E/BDGC54MwGUXsUTJ6vJE6CvTMOVlW5I3AJXIxFR6SikFSDhR1BJV7QOHkKaMOmoc2DTSa"
    "EeQKegPLBM2wM1EEEWGWWLqwbpAPS0FxQUofftEbkE0EX6Cr3tklxPtt7/3PilpCrj92qB"
    "V70JfejNgV+aNSgmVebyOdP2IH3YJc2bkNtJxjwc6UCypnizpwp4z2kG1pVqkQm+UFYjNX"
    "Hwbvifnv7bxO7ZK2OtQvj6hfwlxnxjkuH4cuZVgsSyJRZJ4JyHgpibdfoeiG6MahgEh0+4"
    "PO5fs4FjHddT4c/NYtiEb3/ajXOZCP3yP5KCAIYqswpy0/Q5ifZtG7s1HONTPfpvbWHU9B"
    "1R11QuX1tuomKhbanfA89hhxBhUvFMYLTJ0xv8sX2Cw6vG2gYVr3JfpI1M+P+iTWQ1Ooqd"
    "lxKDQtdTZLLRwM36p6Hv5afOFieAv0QXCwcrc5l02nTKiUHzgq1dCsHZCGTdfhjPQpnpHq"
    "9VOndo8N9rBub51U6ZdAawO1m6McM29obazTpnvXoj5vPauAOWiVYq7H0phPYGJTX9RAO2"
    "W0f2R661kVoEGrfHE/ywE9w4qtMaMvgOrAXWC6lymlyrEcaG1IKbmDOeqZUHFABVDQhHLu"
    "EMxKNsl1u2z3CYZfCu0ou3zl5nM4PE/VwN3+KAPy9UW3d3nU1NiDEg0Y4f5glAfc86EaKy"
    "baH8I8ZfoVYY8lO4t7sAHeEEFhoiLKZRPyeeMD9jWwj74cNW+wQ6GOn8iitb+5DS/zcWjI"
    "n1pDfmDXvrsw+669ZZjTloeX+alFuQa7dl/2hXvBZhs6eP32kjhYY5qPftl/etjJBZD7pm"
    "D1JcnIDlQq1swooCPDkeNNhCROdB5iJMtheMSJexFd12eyBltH8yslXBZPl8qYqlv4sdVs"
    "/9R+8fy0/QJU9G3Gkp825JKo5ipn56B49cL3rGpbvWZyaKertdPqpaqBcKi+h+g2K1FEzQ"
    "0UUTNPEcGMsvAT4vLvFtZMDh8t1Pxo4ZuerK3+B0upVIU="
)
