"""What users prove accounts with, in a table of its own; the column of passwords follows it, for instances of before.

Instances of the version before go on reading and writing `users.hashed_password` while this one knows the table alone.
Triggers keep both the same, in the transaction of whoever writes; the next release drops them together with the column
(docs/decisions/058-a-password-is-one-credential.md). A write of theirs that changes the password also raises
`credentials_version`, as ours do themselves.

The triggers come first, in one short transaction; then the passwords that are there, in batches of their own, so that
no row stays locked for long while the service runs. Each step may be repeated: an upgrade that was cut off is run again.
"""

from uuid import UUID

from tortoise import BaseDBAsyncClient

RUN_IN_TRANSACTION = False  # the batches are to be seen, and let go of, one by one

BATCH = 5000

POSTGRES = """
CREATE TABLE IF NOT EXISTS "credentials" (
    "id" UUID NOT NULL PRIMARY KEY,
    "kind" VARCHAR(16) NOT NULL,
    "label" VARCHAR(100),
    "verifier" TEXT,
    "sealed" BYTEA,
    "counter" BIGINT,
    "created_at" TIMESTAMPTZ NOT NULL,
    "last_used_at" TIMESTAMPTZ,
    "user_id" UUID NOT NULL REFERENCES "users" ("id") ON DELETE CASCADE
);
CREATE INDEX IF NOT EXISTS "credentials_user" ON "credentials" ("user_id", "kind");
CREATE UNIQUE INDEX IF NOT EXISTS "credentials_password" ON "credentials" ("user_id") WHERE "kind" = 'password';
COMMENT ON TABLE "credentials" IS 'What users prove their accounts with';
ALTER TABLE "users" ADD COLUMN IF NOT EXISTS "credentials_version" INT NOT NULL DEFAULT 0;
ALTER TABLE "users" ALTER COLUMN "hashed_password" SET DEFAULT '';

CREATE OR REPLACE FUNCTION latchkey_password_from_column() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.hashed_password = coalesce(
        (SELECT verifier FROM credentials WHERE user_id = NEW.id AND kind = 'password'), ''
    ) THEN
        RETURN NULL;
    END IF;
    IF NEW.hashed_password = '' THEN
        DELETE FROM credentials WHERE user_id = NEW.id AND kind = 'password';
    ELSE
        INSERT INTO credentials (id, user_id, kind, verifier, created_at)
        VALUES (gen_random_uuid(), NEW.id, 'password', NEW.hashed_password, clock_timestamp())
        ON CONFLICT (user_id) WHERE kind = 'password'
        DO UPDATE SET verifier = EXCLUDED.verifier, created_at = EXCLUDED.created_at;
    END IF;
    IF TG_OP = 'UPDATE' THEN
        UPDATE users SET credentials_version = credentials_version + 1 WHERE id = NEW.id;
    END IF;
    RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION latchkey_password_to_column() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        UPDATE users SET hashed_password = '' WHERE id = OLD.user_id AND hashed_password <> '';
    ELSE
        UPDATE users SET hashed_password = NEW.verifier
        WHERE id = NEW.user_id AND hashed_password <> NEW.verifier;
    END IF;
    RETURN NULL;
END $$;

DROP TRIGGER IF EXISTS "users_password_from_column" ON "users";
CREATE TRIGGER "users_password_from_column" AFTER INSERT OR UPDATE OF "hashed_password" ON "users"
    FOR EACH ROW EXECUTE FUNCTION latchkey_password_from_column();
DROP TRIGGER IF EXISTS "credentials_password_to_column" ON "credentials";
CREATE TRIGGER "credentials_password_to_column" AFTER INSERT OR UPDATE OF "verifier" ON "credentials"
    FOR EACH ROW WHEN (NEW."kind" = 'password') EXECUTE FUNCTION latchkey_password_to_column();
DROP TRIGGER IF EXISTS "credentials_password_gone" ON "credentials";
CREATE TRIGGER "credentials_password_gone" AFTER DELETE ON "credentials"
    FOR EACH ROW WHEN (OLD."kind" = 'password') EXECUTE FUNCTION latchkey_password_to_column();
"""

# The rows are locked while they are read: a password that is taken away in this moment isn't brought back.
POSTGRES_BATCH = """
WITH batch AS (
    SELECT "id", "hashed_password", "created_at" FROM "users" WHERE "id" > $1 ORDER BY "id" LIMIT $2 FOR NO KEY UPDATE
), copied AS (
    INSERT INTO "credentials" ("id", "user_id", "kind", "verifier", "created_at")
    SELECT gen_random_uuid(), "id", 'password', "hashed_password", "created_at" FROM batch WHERE "hashed_password" <> ''
    ON CONFLICT ("user_id") WHERE "kind" = 'password' DO NOTHING
)
SELECT "id" FROM batch ORDER BY "id" DESC LIMIT 1
"""

_SQLITE_ID = (
    "lower(hex(randomblob(4)) || '-' || hex(randomblob(2)) || '-4' || substr(hex(randomblob(2)), 2) || '-a' ||"
    " substr(hex(randomblob(2)), 2) || '-' || hex(randomblob(6)))"
)
_SQLITE_NOW = "strftime('%Y-%m-%d %H:%M:%f', 'now') || '+00:00'"
SQLITE = f"""
BEGIN IMMEDIATE;
CREATE TABLE "credentials" (
    "id" CHAR(36) NOT NULL PRIMARY KEY,
    "kind" VARCHAR(16) NOT NULL,
    "label" VARCHAR(100),
    "verifier" TEXT,
    "sealed" BLOB,
    "counter" BIGINT,
    "created_at" TIMESTAMP NOT NULL,
    "last_used_at" TIMESTAMP,
    "user_id" CHAR(36) NOT NULL REFERENCES "users" ("id") ON DELETE CASCADE
) /* What users prove their accounts with */;
CREATE INDEX "credentials_user" ON "credentials" ("user_id", "kind");
CREATE UNIQUE INDEX "credentials_password" ON "credentials" ("user_id") WHERE "kind" = 'password';
INSERT INTO "credentials" ("id", "user_id", "kind", "verifier", "created_at")
    SELECT {_SQLITE_ID}, "id", 'password', "hashed_password", "created_at" FROM "users" WHERE "hashed_password" <> '';
ALTER TABLE "users" ADD "credentials_version" INT NOT NULL DEFAULT 0;
ALTER TABLE "users" RENAME COLUMN "hashed_password" TO "hashed_password_without_default";
ALTER TABLE "users" ADD "hashed_password" VARCHAR(255) NOT NULL DEFAULT '';
UPDATE "users" SET "hashed_password" = "hashed_password_without_default";
ALTER TABLE "users" DROP COLUMN "hashed_password_without_default";
CREATE TRIGGER "users_password_added" AFTER INSERT ON "users" WHEN NEW."hashed_password" <> '' BEGIN
    INSERT INTO "credentials" ("id", "user_id", "kind", "verifier", "created_at")
    VALUES ({_SQLITE_ID}, NEW."id", 'password', NEW."hashed_password", {_SQLITE_NOW});
END;
CREATE TRIGGER "users_password_changed" AFTER UPDATE OF "hashed_password" ON "users"
WHEN NEW."hashed_password" <> coalesce(
    (SELECT "verifier" FROM "credentials" WHERE "user_id" = NEW."id" AND "kind" = 'password'), ''
) BEGIN
    UPDATE "users" SET "credentials_version" = "credentials_version" + 1 WHERE "id" = NEW."id";
    DELETE FROM "credentials" WHERE "user_id" = NEW."id" AND "kind" = 'password' AND NEW."hashed_password" = '';
    UPDATE "credentials" SET "verifier" = NEW."hashed_password", "created_at" = {_SQLITE_NOW}
    WHERE "user_id" = NEW."id" AND "kind" = 'password';
    INSERT INTO "credentials" ("id", "user_id", "kind", "verifier", "created_at")
    SELECT {_SQLITE_ID}, NEW."id", 'password', NEW."hashed_password", {_SQLITE_NOW}
    WHERE NEW."hashed_password" <> ''
        AND NOT EXISTS (SELECT 1 FROM "credentials" WHERE "user_id" = NEW."id" AND "kind" = 'password');
END;
CREATE TRIGGER "credentials_password_added" AFTER INSERT ON "credentials" WHEN NEW."kind" = 'password' BEGIN
    UPDATE "users" SET "hashed_password" = NEW."verifier"
    WHERE "id" = NEW."user_id" AND "hashed_password" <> NEW."verifier";
END;
CREATE TRIGGER "credentials_password_changed" AFTER UPDATE OF "verifier" ON "credentials"
WHEN NEW."kind" = 'password' BEGIN
    UPDATE "users" SET "hashed_password" = NEW."verifier"
    WHERE "id" = NEW."user_id" AND "hashed_password" <> NEW."verifier";
END;
CREATE TRIGGER "credentials_password_gone" AFTER DELETE ON "credentials" WHEN OLD."kind" = 'password' BEGIN
    UPDATE "users" SET "hashed_password" = '' WHERE "id" = OLD."user_id" AND "hashed_password" <> '';
END;
COMMIT;
"""

POSTGRES_DOWN = """
DROP TRIGGER "users_password_from_column" ON "users";
DROP TABLE "credentials";
DROP FUNCTION latchkey_password_from_column();
DROP FUNCTION latchkey_password_to_column();
ALTER TABLE "users" DROP COLUMN "credentials_version";
ALTER TABLE "users" ALTER COLUMN "hashed_password" DROP DEFAULT;
"""

SQLITE_DOWN = """
DROP TRIGGER "users_password_added";
DROP TRIGGER "users_password_changed";
DROP TABLE "credentials";
ALTER TABLE "users" DROP COLUMN "credentials_version";
"""


async def upgrade(db: BaseDBAsyncClient) -> str:
    if db.capabilities.dialect == "sqlite":
        done, _ = await db.execute_query("SELECT 1 FROM sqlite_master WHERE name = 'credentials'")
        return "SELECT 1" if done else SQLITE
    await db.execute_script(POSTGRES)
    last: object = UUID(int=0)
    while True:
        _, rows = await db.execute_query(POSTGRES_BATCH, [last, BATCH])
        if not rows:
            return "SELECT 1"
        last = rows[0]["id"]


async def downgrade(db: BaseDBAsyncClient) -> str:
    return SQLITE_DOWN if db.capabilities.dialect == "sqlite" else POSTGRES_DOWN


MODELS_STATE = (
    "eJztXWtz27YS/SsYfWk6o7q2/Ijr3rkz8qOtm8S+Yyu372EgEZJQUYTKhxVNbv773QXfT5"
    "OSbFMMviQWgAXIsyCAPdgFPnXmQmeGvXdhMZ2ZDqdG54x86ph0zuCPnNwu6dDFIsrDBIcO"
    "DVl8FJaT6XRoOxYdOZA1hiQGSTqzRxZfOFyYKPDLlDrEtZllk4UlHhhxpoxbhI5GwjUdmy"
    "y5M8WadDGCqrg5QaFbE8vBD/gXxKWgTagZiJ0RDqILattLYeldyNHJEkqyB2YReGRGRmIO"
    "Eo7wG+UOFCKWWBJGR9O9P80/zX5Ym3wG4TpQIqiSTKlNTEFsdzRFsT3yYcZN/QOx6comU6"
    "gHXoNYzHYIt+F/Gj4EB4ExNxgR4z/ND/DeD3zEvo3B9u0HWd6GZ9ojt+N4o1CnxbBCAe8/"
    "FpZ8WAnemWxPp6AHCm9nM+/lEJ09RM81+T8u0xwxYVgJYPjHX5AMj8w+Mht/fuqMOTN0+X"
    "cHq9S4jpL4Wh0syz4u4H1sUJsdiAd9JPb0GorKHrFayLyOFIVOIH98RrHFTJNtJfqZ15pM"
    "1wLZ9++vL3+QJbEDDLWRMNy5GZVerEAvZljcdbm+hzKYN2Ems0Djeqzrma5h+B01SPKAgQ"
    "THclmIiB4l6GxMXQM7cOdfY9ccYb8lsiX85+jf/qPFimnaze1Au78aaFon09/xEVK92U8a"
    "AbAAE4dOj8B89uqNAJGpHWzg4qf+3avDk68lBMJ2JpbMlHB1PktB6AhapM8IZanNDM4XU2"
    "rl4xyUTyEND7oOxkFCBHI0KATwBQA9AaSdOf2oGcycwIhyRg5OSiD+b/9OonzgoSxgDPPG"
    "txs/pyezEOwIXHhvZtRBNxRYC16/gzYU3f39KvDu7xfji3lJgGH05lCdlcV4AENMPsZxmT"
    "bAXILq4OrXAdY8t+1/jDiYr971f5U4z1d+ztvbmx+D4jHwL97enqcwtxk1WM6Ycc5Naq3y"
    "MY9kUogPVw6zW4X5OSIWxxwgP7++6d/9lg96UD4+bp//Nrjqp2CXC4+8nn7OJ9dmQV+PCa"
    "WAhzfZPdjhceG/b77r9Q4PX/f2D09Oj49evz4+3T+FsvKBs1mvy3R1/eP1TarLY0IKeVh9"
    "AUIadbLgX0KOw+esAP6EZEoDui+6F/yxgxNo2dhz/e7qftB/95/Ex3DZH1xhTi/xHQSpr9"
    "KTa1gJ+eV68BPBn+T325ur9AcTlhv83sFnoq4jNFMsNarHMQmSg6TUZG07uFhdR9Fp2S2o"
    "umGfXps0HTNmqpoXMZFt2hjNVeojJgVabeNZrkUR2HtJaH8QFuMT8w3zVgjX8BzUHLEcQH"
    "1+4b1fzW5CGqVGn7JFl6GZG+9Q8O7wxszxbIP+/UX/8sqzi4d0NFtSS9cSUGOO6IlUSlg2"
    "mzXvzdMp1KQTCQ6+BT6zj/rPYtjJIXswuVvG8vwthlXpHWHNPJJmSZGTQdaCkiWkevouon"
    "UEGTKiI88xXIUCZ0RAJ/KYFGfKTMnyIGkzEcz+nmDVE1CCzJd/dT1pezRlumuwdagQ6LiO"
    "7Lc6CMFw/wgVgshoUFRRIE2lQEKFVrXSQwFFglQgQajjsPnCsbMIF5otcZG17JbGYewZLr"
    "2Do9dHp4cnR6G9EqaUmSlZk8QfemquUiMpZYo0eoEqzQlmWSJnIVVGHsal2kBtJYemXiUG"
    "sVfCIPayDKLiv0N8T44qwHtyVIguZiXBXdCVIaiurUMZZmUVdbgudagIrC9h1sC97BV8L/"
    "CKep3VVkauRVTx9lZcYHmus+SKxBQn2LSPJ0NivQzn8gaeybxk6PbRyeFe4tndMg5mhgVB"
    "y1iysq8N+o94zjZT+sCIISbwjISbGSqmT7yaPe6GSiHp9BKKEGHCu8HD60iyIBMzEmLGoV"
    "lhBSkmc5C5kYQMMnzf9KHLF3qk/BGSib6cLIfMGUWxzl8pnkYRKS9KpMSUVHU5HRNp4Yr6"
    "6LsKK+qj7wpX1JiVnIZinb8GykmpFgLdO65CW0GpYtPwOENcjbkFBrXNmLnGxJ8RVovnxs"
    "3/GcplTV2nZZWqG63qsbAmwnHW+6xTsmpR32RNq41+tdGvNvpzjc53lBvnrg62VifH5ozl"
    "dstMzjmU04ayYEWL8yexJHOMkUBRMCPxv6H4KC3JKdUzZid6AHgNEDGWYQ6+xB65hiTXMT"
    "hGemCwQxjqQcHMXIaxGmCtylxdxy16DJYwhSzgVVvRBaDQtJyxVa39A6/4dtbgj5uVO7d5"
    "UGxdjuEp1pmxIzG1LmvcbN0QCg5GmQF0gIGYMTNvPEzkl46IyPdiX4KxBMpWHBRlvTYOcA"
    "Y3ZzZyaTBNOMyyc2g4LPIVBnOBDPo/GR6zBgPotCu9qXCQlOwckmz4Y+FaoCtodyKELj2m"
    "ZJbveTXl6/lBxVdKXgOPuUKlsHksMgxXcrH2ptjF/VG8bktTf2So64AlxTWEts4Yn5RSQ3"
    "3toT7oTzUwj4m0kN867FWA/LBXCDlmpaJ43OHfbFSLRYyJtNC55LhKr4ZSJQxixv8hMWTV"
    "QDot1z64D3tVfHmgVEmXzvjyDFdafA8si/i5EAajZj7oOdJpjxMQf6qhJEx5ZpeT29u3if"
    "Xh+XU6BPD9u/Oru1cHUhFQiHvma3aH3GITjq3i09UkXXJENyBfGtbxN9lrUz48X4ANlPDh"
    "+bjgUN0aak5KKjU3Ws2KmFbEtCKm86kY1xmKj0hAd/KImCi3W0rDyHIacsUVOZi3HuESha"
    "b5IWe27zWRZmFk8S5ZWhy3A5GyQZYZGjFt6vnxyJqwHmYYSO7skV/8FHkmELeJ59vsHwTE"
    "F8wnZ7jjZRY7RlWKTzOo6UWduZYkrWILgcfokxh6WiBejaUJelWdFurxQBYb8QX3tRK+rH"
    "zKOo362wjV29UFiJibNRrVoUIBm+jBpkIBVSjgrjmmq1DANlsKKhTw2UIBvSVdLZhDiRYO"
    "/9vfc0is3KpinBBqIcxPsvEAS/+JC/ZVvTEjkmkhzqcVUD4txPg01xH/JRicho3L22G3H6"
    "jhMnutOOGMqAoTVmHCakVZvKJEXmkNHcfElNN7k/Ub0H5J5d7PqWEUWtmBzPNZ2AdPNel7"
    "5vVh7/VJaFnjjzKj+v5d/+3brGUdEJ/puaj4uNVA4vlg3H9aGJ/5pNWIHq26aI0knm/J2n"
    "kqTjNtGBxXMgyOSwyD46/zdspeZmPnLubk0cnZ2knkd8s2d+LuIhV3d+KVS0db37uK+Rs+"
    "phgKfSWjEEApY25hFPuK5e78QHeySPwZZH0mcc1I1A8++MoOGjojy6kI6rbJnK5wcwnS5A"
    "0Uc6rLgw7lRQ7ysgkMbligU7Ap5AGIMtxhyPxbKqJoh6+iWy3kNhKCCtX6RyGGWVDzhD9A"
    "arCLJK+wIFR6E2/o/Vt9XymhuJrbPjH/hlqt+HJqz6Wpey4yQEP+qDHuJ4QUv1mN33wJUq"
    "jRMG+ZE0KPfxgHg0G3Ds45oi3k4La2pFG0xaYD9s6Ztcoz8otQs/KMVJ6RyjMy14C+ZyPX"
    "4s7q6oGZuVH7yQLdMhPa9otqDMvWuZlxCpWC2nV0jwzvZETL0w7MsZQuZAh/0B6R7e2R2y"
    "BwH63U8L5C03d9pKYwV3Ph2nvkRtrHUwEAxS8+lKGrMs7y2YzXFGQ1zdf120muUqq1BmoU"
    "Vdww021JuerN+CpfoyFfsnpTFgMF284aTfmSigBoKgEgocrgXBJe7ZdvoYG0/SO4lXX0RS"
    "ybYyNxjRErKaWcUlLeysEkWgPRuIzCM4knX9QZ5b3S7eMcj6pQYEfFDNhRhgB7sTNhG43z"
    "kxwJG1uF1oA6KdU+qLe/atGZ44f4JTH++f72psARIJRIr1T4yCH/Iwa3dzFapARYxCKxPM"
    "lc7py+xzk1RGMF6cudlVtra9i3ZiKaIN+CB9gJ9g10BO8HaurkUW9RbreUd/PKaTO2qki6"
    "QZVkQXkQmYwVIO+GR1lGR8ylXFRmvsweGUwZWVj8AboJmVJjjOwaM0fWagH9hrjQFZBIw/"
    "LwF3+AtLEl5uT+6uIO9P3m6rfvpbPJwh0afBTWIH/ihuXGh2fWm0hnG8yga5ArOzeBFnMs"
    "1JgIizvTeR24E0ItZFu2H+DqfSfa38ucSzCK1y5JKbV+2WD94o91WjjGZfVQeulcnviaAS"
    "U7pAoVUdIkbewc+YjnnTwwDVcOdfWcElWRJU3WswU6sNb6nJOSSstN03JDQgTuHerAOoeP"
    "OnkmVpjZLbWwgmI1LiQQYzzCyRZzJn3tQx+HLl5bNxWulbGxyqS8q/CYFCSv0MFhyCbcRL"
    "uvS94PLr7uEoFODdQwoKhn7dvFV+AF7Us4Nrrxrix0Kdeyyglc8j+85hpWzxi4VGxuBTqr"
    "M0YGMmqx07jhMT4J1o1U2ChIoWmKfGreXwbz1xu4QpE2nQ71DMNXQ6b89+aYm5JLvGNzAc"
    "rMm/qzhUqXAG5YXLO88hXXApeSbNYjv8blVNjyUEeYoQm1GMzkONM71L8HJMm7muGdQ/4h"
    "kjbx6Gv9TPo5clhQQC43gqA+YjvCYjI6z2BjXwzfHf0iN+VWlfPaczivKYqjtbN+U0ZIW3"
    "732UHR3wYsGQdt/wahx0e+vj/idb0Lg2RIcng+asEot0duk2XPyAeGf36QPtx+xHHXT9RG"
    "6NXNR9TLXsqjcDHaer6gOAaiC7nXc9fx6E5+TI87CUtoYq7V/oajchBu4hgr+0+dNXco0M"
    "JF95OcF5f6QmtjnRRt3f7sk9xWo+Leczq3int/Dpi3HPcO06jOwK6BF9IeYF71A3uSWBca"
    "8AXSrTlDaWsnPXMZnwVrqhyCpOxiq4TcM15pFYzXO3ujFQBnu7C+zffbewzzhKi6SawG7t"
    "6SAsYCDg3l7WOUIZ8VVtjXwD6I4tUeqMHBMhrnHon92FGR+XWofd+mURzKWeeLU7O70NdU"
    "c1JSfcxN03INvjJ37Z4z0frCP7y5Y0Z4MGN+VMJFWNHufuCZk0ESX078dtgNwXqDVV2G98"
    "y2Ea3UFeyb4XVrsgHUNRD+vlsbAcucaro+XOmjVNsIV84JNusDljk5ZydnrixgT7kv1QcT"
    "azTt5OxM+Tndsr0pGpV5bHOqGIYt745/Kc5xGzJSxRs1heRfMdFazPi1Y7PmCQ68xI+qBs"
    "J+8Raie1Bpt+CgZLfgILtbAC06uUcpFMdvxURU8FbN4K0XdbL4/H+5XPaa"
)
