"""Indexes for what administrators look at, so that it takes as long among a million users as among a thousand.

`users_terms` finds users by a part of the address or name, and by their marks: every three letters that follow each
other are a term, and so is each mark. (service/users/finding.py; decision 091.) Events are found by address, kind and
whoever did it, the newest first.

The indexes are built while others read and write, each in a step of its own, which may be repeated: what an upgrade
that was cut off has left half built is built anew. Older instances know nothing of them, and keep them up all the same.
"""

from tortoise import BaseDBAsyncClient

RUN_IN_TRANSACTION = False

# It costs more than to look at a row, and one search is not worth to start further processes: that is what the planner is
# told.
TERMS = r"""
CREATE OR REPLACE FUNCTION latchkey_user_terms(
    email text, full_name text, is_active boolean, is_superuser boolean, email_verified boolean
) RETURNS tsvector LANGUAGE plpgsql IMMUTABLE PARALLEL RESTRICTED COST 200 AS $$
DECLARE
    told text := upper(email || chr(10) || coalesce(full_name, ''));
BEGIN
    RETURN array_to_tsvector(
        ARRAY(SELECT substr(told, place, 3) FROM generate_series(1, length(told)) AS place)
        || ARRAY[
            CASE WHEN is_active THEN E'\x01+' ELSE E'\x01-' END,
            CASE WHEN is_superuser THEN E'\x02+' ELSE E'\x02-' END,
            CASE WHEN email_verified THEN E'\x03+' ELSE E'\x03-' END
        ]
    );
END $$
"""
# Events that nobody did for somebody else, and those of accounts that are gone, have no place in two of them.
# What was written last is looked through by every search: not much of it.
INDEXES = {
    "users_terms": (
        '"users" USING gin (latchkey_user_terms("email", "full_name", "is_active", "is_superuser", "email_verified"))'
        " WITH (gin_pending_list_limit = 1024)"
    ),
    "security_events_ip": '"security_events" ("ip", "created_at") WHERE "ip" IS NOT NULL',
    "security_events_type": '"security_events" ("type", "created_at")',
    "security_events_done_by": '"security_events" ("actor_id", "created_at") WHERE "actor_id" IS NOT NULL',
}
POSTGRES_DOWN = """
CREATE INDEX IF NOT EXISTS "security_events_actor" ON "security_events" ("actor_id");
DROP INDEX "security_events_done_by";
DROP INDEX "security_events_type";
DROP INDEX "security_events_ip";
DROP INDEX "users_terms";
DROP FUNCTION latchkey_user_terms(text, text, boolean, boolean, boolean);
"""

SQLITE = """
CREATE INDEX IF NOT EXISTS "security_events_ip" ON "security_events" ("ip", "created_at") WHERE "ip" IS NOT NULL;
CREATE INDEX IF NOT EXISTS "security_events_type" ON "security_events" ("type", "created_at");
CREATE INDEX IF NOT EXISTS "security_events_done_by" ON "security_events" ("actor_id", "created_at")
    WHERE "actor_id" IS NOT NULL;
DROP INDEX IF EXISTS "security_events_actor";
"""
SQLITE_DOWN = """
CREATE INDEX "security_events_actor" ON "security_events" ("actor_id");
DROP INDEX "security_events_done_by";
DROP INDEX "security_events_type";
DROP INDEX "security_events_ip";
"""


async def upgrade(db: BaseDBAsyncClient) -> str:
    if db.capabilities.dialect == "sqlite":
        return SQLITE
    await db.execute_script(TERMS)
    for name, of_what in INDEXES.items():
        half = "SELECT 1 FROM pg_index WHERE indexrelid = to_regclass($1) AND NOT indisvalid"
        if (await db.execute_query(half, [name]))[0]:
            await db.execute_script(f'DROP INDEX CONCURRENTLY "{name}"')
        await db.execute_script(f'CREATE INDEX CONCURRENTLY IF NOT EXISTS "{name}" ON {of_what}')
    await db.execute_script('DROP INDEX CONCURRENTLY IF EXISTS "security_events_actor"')
    # Now the planner knows how frequent each term is; what isn't known takes longer to be found.
    return 'ANALYZE "users"'


async def downgrade(db: BaseDBAsyncClient) -> str:
    return SQLITE_DOWN if db.capabilities.dialect == "sqlite" else POSTGRES_DOWN


MODELS_STATE = (
    "eJztXWlz2zgS/SsofZmkSuuJZTuHZ2urbMeZ8SSxp2xl58oUDZGQhDFFaAjSiiqb/77d4H"
    "2alCWbovnFB4EGyAcQ7H7obnztzYTBTLlzYjODWQ6nZu+QfO1ZdMbgj5zSPunR+TwqwwsO"
    "HZmquh7WU9fpSDo21R0oGsMlBpcMJnWbzx0uLBT4dUod4kpmSzK3xS0jzpRxm1BdF67lSL"
    "LgzhRbMoQOTXFrgkIXFtaDf+AniCtBSagViB0SDqJzKuVC2EYfSgyygJrsltkEbpkRXcxA"
    "whF+p9yBSsQWC8KoPt35bH22jsLW1D0I14EaQZNkSiWxBJGuPkWxHXJ9wy3jmki6lGQK7c"
    "BjEJtJh3AJv2l4ExwExtxkRIw/W9fw3LdcZ9/HYPv+WtWXcE875GIc69RrQuAlyUDCIWNh"
    "w5MAon3sz2bYmQBs8Do+iAL2UN2LQWGMqGSfLcm8J0fodhBa1+L/uExzxIRhKwDwn3/BZX"
    "ge9oVJ/Pdrb8yZaai/e9imxg2UxGfuYV32ZQ4PK2FMZSAeTKDYo2koqqbLcq7KekoUZoj6"
    "5xuKzW801VdiEnq9qetaIPvp09nbd6omzo6RpgvTnVlR7fkSBs0Kq7suN3ZQBssmzGI2TA"
    "cjNi8t1zT9WRxc8oCBC47tshARI7pgsDF1TZzdvX+PXUvHSU1UT/hj/z/+rcWqadr5xVC7"
    "Oh1qWi/zMuAtpKa6f0kHYAEmDm8EAvPNazcCRF3tYQcnPx1dPtt7+VxBIKQzsVWhgqv3TQ"
    "nCTNCi8YxQVqOZwflkSu18nIP6KaThRlfBOLgQgRytGAF8AUAbgLQ3o180k1kTWG4Oye7L"
    "Eoj/e3SpUN71UBawwHmL37lfMlBFCHYELjw3M+ugGwqsBK8/QRuK7osXVeB98aIYXyxLAg"
    "xLO4fm7CzGQ1hi8jGOy7QB5hJUh6e/DbHlmZT/mHEwn308+k3hPFv6JR8uzn8MqsfAP/lw"
    "cZzCXDJqspw145hb1F7mYx7JpBAfLR0mW4X5MSIWxxwgPz47P7r8PR/0oH583T7+fXh6lI"
    "JdaSV5M/2YT86sgrkeE0oBD0+yfbDD7cKvf70ZDPb2Xg1e7L18fbD/6tXB6xevoa664WzR"
    "q7KxOvvx7Dw15fFCEnlQYAwNtKs66khc5h5KScPwv48K8jWuHOITa9TJIvoWShw+YwXTOS"
    "GZwtXwRXeCP7ZQISlby88+nl4Njz7+klhc3h4NT7FkkFhXgqvP0spK2Aj59Wz4E8F/yR8X"
    "56fpUQvrDf/o4T1R1xGaJRYaNeKYBJeDSynlRzqaeg/qD3Radg1DvT2v0taNdMw4rLE+Bi"
    "LrtNmaO6h3rI9oBY9vci20wH5OQvtO2IxPrPfM07jO4D6opbMcQH0y55PfzHZCGl2NXmWb"
    "LkLaID6h4NnhiZnj2VpHVydHb089nmFE9ZsFteHLHIcaS8RApK6EdZNF0bggQ3PDljkKmS"
    "95YbGhgB+XzKTqsQvH5peoqa1cxTKjo9CeDWYpTGfUohN1l9gcCvsAvKO6I+xLpguwzpa9"
    "HC4yVaNfxkeOVV3N9ipzVpGVvIL6lkE8aemxjNRmSJuN4Ce9YRahC7rMMJNDVTOkDr+TSN"
    "XFm5oIAjWuDZfB9+y6T1zLZBJqiRkbCWNJFlOBLB7UmcIln9ZTrKKFfYMeyVYh7SywgfED"
    "egdZl4FLQ8FVKLvmfAjuJu8a+RnolzB1uMAb2G0G3WI+KS7TQsbu5X4FSunlfiGjhEWdbf"
    "IENVZvJa47xJFUN7yNHt7gw1dzfGNi3QA3boAzJlIdjf4ucyrQ1TdsTDVBLVmzKZW1nGro"
    "/T+LUS9H2cfLpRr+32JU1dVA2DeeKr+g6B+Au+SULOCqN4JFLgZK5zdwX320DAUOiYBp4W"
    "3JgwJuKY8DdCCYCCZ/INj0BIBV5eqvvict9SkzXHMlJR6moqNmov/1uUOZR2Q0qLqK+t7t"
    "uD+QHu8NaA0l3slbi9qgwa9/z506DpvNHZlFuHCXLC6y0jZZ4zD29skGu/uv9l/vvdwPt8"
    "fCK2W7YtkdsE5dbp02ldmpYbadt8VZ5qsSl2qDJ0VyaRpUclgZlDisDLIOK5271QbJmzld"
    "moIa2ioeKlnZzlNlVU+VjkN7Cl8N9Kteat5ORx1tKyPXIs+k9WlcYHmuonJFYp3LRNNenn"
    "sRWOvjXN7DPVlvGYYg9HK4l3hxv4yDucGKMMpYs3LcB25seoEfU3rLiCkmcI+EWxkq5oh4"
    "LfvbsEpIBWCEIkRY8Gxw8waSLMjE6ELccOhW2MEViznI3ChCBjm7fx3BlC8MgPgzJAd9OV"
    "UP2TCKYr2/UjxNR6Q8KpESG6Sq6nRMpIUa9f6bChr1/ptCjRqLMq6vweSvgXJSqoVADw6q"
    "0FZQq9g0PMgQV2Nug0EtGbNW+PBnhDvluXHf/wzlsuJYp2W7oW70UI+FPRGOs9prnZLtlP"
    "omj7T6XUcb8eu3jzvdfTOosq/zZlC8sYNl6cAzteVZ08EwKdXF4qQwhcmZS5UKYTJqFUAa"
    "CqU5UpDa1NcmvBLHMt/OXAs5enHxIbHuHJ+lYyM/fTw+hUmsYIZK3POSyI0fa4hX7NZO2S"
    "48YkvCI2pyUR8pN49dY8KcXg4VFSvtlzFRM6injVTFikTUT2JBZpjGA0UJVb9G4osimKbU"
    "yLBR6BjkdYCpONAryJfYIWdwyXVMjslIMOdGmI2EEostwnQi1PFKDQM9d9Db3xKqgtdsRc"
    "+gQsYpNxClZFvRq74e0/xRndo2s6dYTDqN4S5WUeQjsc5ca5wS3xBmHp1QYQIMxQ2z8tbD"
    "RHnpiojbQDiXYC2BuhUXRdWuxAXO5NaNRIodPhMOs2UOO49VvsOUQiCDbpGmR7jDAjrtKy"
    "dLXCQVaa/yF8E/c9eGsYJ+J0IYypFSFfkOmVO+mntkXFPyOrjLQzKFzV35iVCTi/U3xSnu"
    "r+J1e5r6K0Ndv0wlriG0ddb4pFS31Nde6oP5VAPzmEgLae+9Kkb9XrFNv5c16d3R30yvtb"
    "kQE2kfbzI4qDKroVbJxkLGLSqxZNVAOi3XPrj3BlVc/KBWyZTOuPiNllp8a7wmt5Ij/dgk"
    "ywN4oq2PbLHZhGOvTn2mMEe0ows7174nYgMlXPu+zDk0t8IwJyW7YW70MHfEdEdMd8R0Ph"
    "XjOiPxBQnoXh4RE5X2S2kYVU9DrrgiB/PBI1yiiFU/ElX6zlRpFkZV75OFzdFLACkbZJmh"
    "E0tSz71PtYTtMNNEcmeH/OpfUQlmOCarwZAHP1c1nzOfnOGOV1jsL1kpbNWklheM6tqKtI"
    "opAnfRJzH0tEC8GksTzKo6PdTjgWym8zn3RyV8WHWXdTr1txGq92sIELHu12nURhch3ETH"
    "1i5CuIsQ3rZ4lS5CuM2WQhch/GARwp5KVwvmUKKFy//69xwSmltVjBNCLYR5IxsPoPpPXL"
    "Cv6q0ZkUwLcX5dAeXXhRi/zo3PeQwGp2Hr8nrY7VtqukyulD4gI9plD+iyB3QaZbFGibzS"
    "CmMcE+tiYZo8vgHtlxzcqxk1zUIrO5B5OAt7d1Mffc+83hu8ehla1vhPmVF99fHow4esZR"
    "0Qn+lvUfGhP4HEw8H4YrMwPvB5PxE9WlVpjSQeTmXtbYrTTBsGB5UMg4MSw+Dged5O2eNs"
    "7ARHLeTs6sROYSje0vFPfahz0Gkg4qW8GDHJDUYo0ROnqyY2drwdGunv/Sh/IO8IUL+poJ"
    "Eg/SiUXceO3Lzuk4V3MigeiOqOTK4TkOqrbBlqm8c/FwyPN1DnnqoTDKCl7yThBvY8owae"
    "VqoOUPUCF1xMeOpwnTp4/ijFzSS8HtzRs2vc1uPG9fM+kcI7iJRL/ygD3E+6b4RD9Hw1DZ"
    "6MYHfOQOnugzeOWYSLT1SMJFphsZepYZs4UNGe5+JdQkbN2wT3hr43CZdM+HS4c42ZfMIR"
    "hKw6VeqSmZV+QJfMR7Lu1+eRifCBVe7OV4A9lOsArxFvfKtxi+MHj8vasd1Z4Q766tAbXK"
    "pDlGj9VSYtuhrs28NorBF15e40F3beln5JfFRCqoWf0t1K0Q27JdENu9noBkonbj39O5Lo"
    "PEYz4U9yzuABVmG707IdHdo0OvRejEee4ZudIjWPrTlJNLWNtu6d/sQZa3/TR9hcxqKGej"
    "msUqK8X0YtxeOPKvJL8cZV5LYfrsd8D2JLqPMlMa0FIDfmNmZLXbJcV2KKhFD8HlR7FnGt"
    "SDQ64dLv6FCdXelXQNoIuSm8hlmePRbJmXKJAeCKaMJsGXOMMreEOmhH5c8YMV3MkukzoA"
    "dklhbCNhRhpZirRXDkTlgELU/4LVwNGCWy4M6UUBWefs9w8uqOyomBq+lHHAuYqdWLL1fS"
    "UefE+6g0msr4UTcjXEKoc5ir5jD3GF5GjYZ5zU5GmEIC1sFg0a2Dc45oCw2tjXCWnR/MKg"
    "v2VhgGXajtkxvmLtS2C7V9bNO4oaG2V0x3be4sT2+ZlZsGMlmhX2ZCS7+qxrBuHSeNKTQK"
    "w26gz4Vvg0plecrAHEuNhcoJGfRHVH875CLIBIlWKuJ9GJwTi6YqtYS1nAlX7pBzZR9PBQ"
    "Dku3Uoe1blQlOJux7MeE1BVtN8Xb2fpJZSrTdV615PF7RQrb9Y7uia/fiS1buyGYy0dFbo"
    "ypfsmICmMgHBnKu8MeXXb6GltP4zHzsz6Unoz13u//XvPoJSJOoaJXGZDs8knjzHw6l4le"
    "d5fk0tIB/3q3Bh+8VU2H6GCXu0Q8gajfNGziCLaaE1oE5KtQ/q9WstBnP85FFJjH++ujgv"
    "cA8LJdKaCtcd8j9icrmNeUhKgEUsEupJxtc67VadWqKxgbSvdRcw3RoarpmIJli44Aa2go"
    "aDMYLne58fGxUr7ZcScF49rXqIFDRJ5pQHOe+wASTg8JCU6PCClK/KjS+zQ4YYgmTzW5gm"
    "ZErNMdJszNLt5RzmDXFhKiCjhvXhL34L18a2mJGr05NLGO/3p7//4EUxeUFSQQvqX9y5vP"
    "exLPU+pDfrDOt4Urn6qTkRNnemszpwJ4RayLasP3Wa955ofy9yTl0u1l2SUp3+cg/9xV/r"
    "tHCNy45DWZqSXPEVU5Vs0VB0uUqaNBpbRz5iJt1bpqHmUHecU6Kdk36Tx9mGMbBXep2Tkt"
    "0oN22U7xWKsUYby6EO6Dlc7+WZWGFhv9TCCqrVOOpSjDE5uBQzppzuQ2eHPhktyVS4dsbG"
    "KpPCLON4oBsKkmfo6TBiE26h3dcnn4Ynz/sEAxkJNU2o6ln7ssiS+rMX9K/g+KuqZZVnWJ"
    "Ulxcm1rHJS4vgvXnMNqwdMiVNsbgVjVmeNDGQ6Zadxy+OjHWLftIHcNO+v0kTWW7hCkTbl"
    "HX+A5ashn/xP1phbiku8ZDMBg5n36c9WKlUB3LC6Znv1K+oCbxXZbEQOjoupkOq4EPhCYz"
    "Io+JLjl96h/gmzSd7VCk+z9o8nkcSjr41D5fDIQaGAUm4G0X1EOsJmKkzPZGNfDJ8dHSTv"
    "y612zmsP4bzWURyt/eo3ZYWU6r3PLor+NmDJOij9s6nvXvmO/BWv7x1FrWKTw5N3Cla5HX"
    "KRrHtIrhn+ea2cuf3Q475/UdPRvZvr1Cte+Cn8dDGbU1wD0Zfcm7mruHYnX6a7nYQVNDEf"
    "a3/DsZovsjq3wRRg09XsLxIs6axb0B91QVeTtY6CHwq0UMPfyLEHqeWgNtZJ0dZtBm/k0O"
    "Uu2j5ncnfR9g8B85qj7WN5fLVb+Kj6UURJrAvZggLp1qQCX9uBZWPlyZ6TMK48RX1MrDWY"
    "riNLPZeat9WZQ26VZT1MyD1gpsng87e1OQ8BOOmCbZLvc3kX5gnRB4Q9vLK1uHsaGiytHD"
    "qqm1w1K9xhXwP7IBRbu6UmB6t2nHtQ3l0HyOS30e3ZN42e6hytntwwu3NjxWFOSnYvc5NH"
    "OUMv1hnojHA31k0b6xr7Crlmb45S5Qu/e3/JzDCT6iZy3DZj6DOpfBLvjzoPCPq+5Tq7J1"
    "jvsam3qqW2oiUspuE6oEXRRKvjhfmWoa2h8PfH2whYJg3x6nClcx+3Ea6clFOrA5ZJdbWV"
    "X64sYLX2j9MknWYzdTLGshjbIA/63Qi/U01exlpsEcQ1dt2PmM31aS9n390v6ZftvNOozl"
    "1b78VPtmbfn6fi+ntPCrx4Z7hwt6F4Z6d4i6Edu8MbyOuLL1UNhP3qLUR3t9L25G7J9uRu"
    "dnsSenRyE8UUR6fGRLrQ1JqhqY/qQvbt/5T6eZc="
)
