"""Whoever keeps rows of users in memory is told when they change, whoever has changed them: `psql` as well.

A notification a user, on the channel `latchkey_users`, delivered once the change is committed; an empty one for all of
them where many changed at once. When somebody has last logged in is left out: it is a minute behind anyway, and noted
for many users at a time. SQLite has one process, which keeps nothing.
"""

from tortoise import BaseDBAsyncClient

RUN_IN_TRANSACTION = True

POSTGRES = """
CREATE OR REPLACE FUNCTION latchkey_users_changed() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    changed uuid[];
BEGIN
    IF TG_OP = 'UPDATE' THEN
        SELECT array_agg(was.id) INTO changed FROM was LEFT JOIN became USING (id)
        WHERE to_jsonb(was) - 'last_login_at' IS DISTINCT FROM to_jsonb(became) - 'last_login_at';
    ELSIF TG_OP = 'DELETE' THEN
        SELECT array_agg(id) INTO changed FROM was;
    END IF;
    IF TG_OP = 'TRUNCATE' OR cardinality(changed) > 100 THEN
        PERFORM pg_notify('latchkey_users', '');
    ELSIF changed IS NOT NULL THEN
        PERFORM pg_notify('latchkey_users', one::text) FROM unnest(changed) AS one;
    END IF;
    RETURN NULL;
END $$;

DROP TRIGGER IF EXISTS "users_updated" ON "users";
CREATE TRIGGER "users_updated" AFTER UPDATE ON "users" REFERENCING OLD TABLE AS was NEW TABLE AS became
    FOR EACH STATEMENT EXECUTE FUNCTION latchkey_users_changed();
DROP TRIGGER IF EXISTS "users_deleted" ON "users";
CREATE TRIGGER "users_deleted" AFTER DELETE ON "users" REFERENCING OLD TABLE AS was
    FOR EACH STATEMENT EXECUTE FUNCTION latchkey_users_changed();
DROP TRIGGER IF EXISTS "users_truncated" ON "users";
CREATE TRIGGER "users_truncated" AFTER TRUNCATE ON "users"
    FOR EACH STATEMENT EXECUTE FUNCTION latchkey_users_changed();
"""
POSTGRES_DOWN = """
DROP TRIGGER "users_truncated" ON "users";
DROP TRIGGER "users_deleted" ON "users";
DROP TRIGGER "users_updated" ON "users";
DROP FUNCTION latchkey_users_changed();
"""


async def upgrade(db: BaseDBAsyncClient) -> str:
    return "SELECT 1" if db.capabilities.dialect == "sqlite" else POSTGRES


async def downgrade(db: BaseDBAsyncClient) -> str:
    return "SELECT 1" if db.capabilities.dialect == "sqlite" else POSTGRES_DOWN


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
    "Dku3Uoe1blQlOJux7MeE1BVtN8Xb2fpJZSrTcYRlElrjfdl5Kr3k0sZXTNjnzJ6l3ZDAZY"
    "Oit05Ut2BEBTCQAFVQbnkv0ov34LDaT1H/XYWUdPQm3uUv6vf9Mx/IjWQDQu0+GZxJPnOD"
    "YVr/I8z52pBZzjfhUKbL+YAdvPEGCPdvZYo3HeyNFjMS20BtRJqfZBvX6txWCOnzMqifHP"
    "VxfnBV5hoURaU+G6Q/5HTC63Mf1ICbCIRUI9ybhYp72pU0s0NpB2se7ipFvDvjUT0QT5Ft"
    "zAVrBvMEbwfO/zQ6Jipf1S3s2rp1WPjIImyZzyINUdNoC8G56NEp1ZkHJRufFldsgQI49s"
    "fgvThEypOUZ2jVm6vZzDvCEuTAUk0rA+/MVv4drYFjNydXpyCeP9/vT3H7zgJS82KmhB/Y"
    "sblvc+jaXeh/RmndEcTypFPzUnwubOdFYH7oRQC9mW9WdM894T7e9FzmHLxbpLUqrTX+6h"
    "v/hrnRaucdlxKMtOkiu+YoaSLRqKLkVJk0Zj68hHTKB7yzTUHOqOc0q0881v8jjbMAb2Sq"
    "9zUrIb5aaN8r0iMNZoYznUAT2H6708Eyss7JdaWEG1GidcijHmBJdixpSvfejj0CejJZkK"
    "187YWGVSmFwcz3FDQfIMHRxGbMIttPv65NPw5HmfYPwioaYJVT1rXxZZUn/2gv4VHH9Vta"
    "zyDKuyXDi5llVOJhz/xWuuYfWAmXCKza1gzOqskYFMp+w0bnl8tLPrmzaQm+b9VXbIegtX"
    "KNKmdOMPsHw15JP/yRpzS3GJl2wmYDDzPv3ZSqUqgBtW12yvfkVd4K0im43Ir3ExFVKdEg"
    "JfaMwBBV9y/NI71D9YNsm7WuEh1v6pJJJ49LVxqPwcOSgUUMrNIKiPSEfYTEXnmWzsi+Gz"
    "o1/kfbnVznntIZzXOoqjtV/9pqyQUr332UXR3wYsWQelfyT13Svfkb/i9b0TqFVIcnjgTs"
    "Eqt0MuknUPyTXDP6+VD7cfcdz3L2o6enVznXrFCz9zny5mc4prILqQezN3FY/u5Mt0t5Ow"
    "gibmWu1vOFbzRVbHNZgCbLqa/UWCJZ11C/qjLuhqstZR8EOBFmr4GzntILUc1MY6Kdq6ze"
    "CNnLXcBdnnTO4uyP4hYF5zkH0sfa92Cx9VP4ooiXUhW1Ag3ZoM4Gs7p2ysPNlz8sSVZ6aP"
    "ibUG03Ukp+cqtg704RxyqyzZYULuARNMBp+/rU11CMBJF2yTfJ/LuzBPiD4g7OGVrcXd09"
    "BgaeXQUd2cqlnhDvsa2AcR2NotNTlYtePc8/HuOjcmv41uz75p9FTnaPXkhtmdGysOc1Ky"
    "e5mbPMoZerHOQGeEu7Fu2ljX2FfINXtzlCpf+N37S2aGCVQ3kdq2GUOfyeCTeH/UMUDQ9y"
    "3X2T3Beo9NvVUttRUtYTEN1wEtiiZaHS9MswxtDYW/P95GwDLZh1eHK53yuI1w5WSaWh2w"
    "TIarrfxyZQGrtX+cJuk0m6kDMZbF2Abpz+9G+J1q8jLWYosgrrHrfsRsrk97Ofvufkm/bO"
    "edRnXu2novfrI1+/48Fdffe1LgxTvDhbsNxTs7xVsM7dgd3kA6X3ypaiDsV28huruVtid3"
    "S7Ynd7Pbk9Cjk5sopjg6NSbShabWDE19VBeyb/8HZqh21Q=="
)
