"""The table of notes, on PostgreSQL and on SQLite."""

from tortoise import BaseDBAsyncClient

RUN_IN_TRANSACTION = True

POSTGRES = """
CREATE TABLE "notes" (
    "id" UUID NOT NULL PRIMARY KEY,
    "text" VARCHAR(1000) NOT NULL,
    "created_at" TIMESTAMPTZ NOT NULL,
    "user_id" UUID NOT NULL REFERENCES "users" ("id") ON DELETE CASCADE
);
CREATE INDEX "notes_user" ON "notes" ("user_id", "created_at", "id");
"""

SQLITE = """
CREATE TABLE "notes" (
    "id" CHAR(36) NOT NULL PRIMARY KEY,
    "text" VARCHAR(1000) NOT NULL,
    "created_at" TIMESTAMP NOT NULL,
    "user_id" CHAR(36) NOT NULL REFERENCES "users" ("id") ON DELETE CASCADE
);
CREATE INDEX "notes_user" ON "notes" ("user_id", "created_at", "id");
"""


async def upgrade(db: BaseDBAsyncClient) -> str:
    """Return what is to be run."""
    return SQLITE if db.capabilities.dialect == "sqlite" else POSTGRES


async def downgrade(db: BaseDBAsyncClient) -> str:
    """Return what undoes it."""
    return 'DROP TABLE "notes";'
