"""When users have last logged in, and an index to list them by it.

Older instances know nothing of the column and go on writing the events that it is taken from; a worker of this version
fills it, in batches, from all that are there. The column and the index come in two steps, each of which may be
repeated: the first holds the whole table, but only for a moment; the second keeps nobody from reading or writing.
"""

from tortoise import BaseDBAsyncClient

RUN_IN_TRANSACTION = False

POSTGRES = (
    'ALTER TABLE "users" ADD COLUMN IF NOT EXISTS "last_login_at" TIMESTAMPTZ',
    'CREATE INDEX CONCURRENTLY IF NOT EXISTS "users_last_login" ON "users" ("last_login_at", "id")',
)
POSTGRES_DOWN = """
DROP INDEX "users_last_login";
ALTER TABLE "users" DROP COLUMN "last_login_at";
"""

SQLITE = """
BEGIN IMMEDIATE;
ALTER TABLE "users" ADD "last_login_at" TIMESTAMP;
CREATE INDEX "users_last_login" ON "users" ("last_login_at", "id");
COMMIT;
"""
SQLITE_DOWN = """
DROP INDEX "users_last_login";
ALTER TABLE "users" DROP COLUMN "last_login_at";
"""


async def upgrade(db: BaseDBAsyncClient) -> str:
    if db.capabilities.dialect == "sqlite":
        done, _ = await db.execute_query("SELECT 1 FROM pragma_table_info('users') WHERE name = 'last_login_at'")
        return "SELECT 1" if done else SQLITE
    for step in POSTGRES:
        await db.execute_script(step)
    return "SELECT 1"


async def downgrade(db: BaseDBAsyncClient) -> str:
    return SQLITE_DOWN if db.capabilities.dialect == "sqlite" else POSTGRES_DOWN


MODELS_STATE = ""


MODELS_STATE = (
    "eJztXWtz27YS/SsYfWk6o7q2/Ijr3rkz8qOtm8S+Yyu372EgEpJQU4TKhxVNbv773QXfT5"
    "OybFMMviQWgQXIs+ASe7ALfOrNhcFMZ+fMZgazXE7N3gn51LPonMEfBaV90qOLRVyGF1w6"
    "NmV1Paonr9Ox49pUd6FoApcYXDKYo9t84XJhocAvM+oSz2G2Qxa2uGfEnTFuE6rrwrNchy"
    "y5O8OWDKFDU9yaotC1hfXgB/wL4lLQIdQKxU4IB9EFdZylsI0+lBhkCTXZPbMJ3DIjupiD"
    "hCuCTrkLlYgtloRRfbbzp/WnNYxak/cgPBdqhE2SGXWIJYjj6TMU2yEf7rhlfCAOXTlkBu"
    "3AYxCbOS7hDvxPo5vgIDDhJiNi8qf1AZ77nuvs2wRs336Q9R24px1yPUl2Cm3aDBsU8PwT"
    "YcubleCdyP4MCnqg8HQO8x8O0dlB9DyL/+MxzRVTho0Ahn/8BZfhltlH5uDPT70JZ6Yh/+"
    "5hkxo3UBIfq4d12ccFPI8DanNC8XCMJO5eQ1E5IlYLWdaTojAI5I/PKLa402RfqXHm9yav"
    "a6Hs+/eX5z/ImjgAxpouTG9uxbUXK9CLFVX3PG7soAyWTZnFbNC4kRh6lmeawUANL/nAwA"
    "XX9liEiBFfMNiEeiYO4N6/Jp6l47glsif85+Dfwa0lqmna1fVIu70YaVovN97xFjKjObik"
    "A7AAE4dBj8B89tuNAZFXe9jB2U/Dm1f7R19LCITjTm1ZKOHqfZaCMBC0WJ8xylKbOZzPZt"
    "Quxjmsn0EabnQdjMMLMcixUQjhCwF6Akh7c/pRM5k1BYtyQvaOKiD+7/BGorznoyzAhvn2"
    "7SooGcgiBDsGF56bmU3QjQTWgjcYoC1Fd3e3Dry7u+X4YlkaYLDeHJqz8xiPwMQUY5yU6Q"
    "LMFaiOLn4dYctzx/nHTIL56t3wV4nzfBWUvL2++jGsngD/7O31aQZzh1GTFdiMU25Re1WM"
    "eSyTQXy8cpnTKcxPEbEk5gD56eXV8Oa3YtDD+km7ffrb6GKYgV1OPIpG+imfXlolYz0hlA"
    "EenmT7YIfbhf+++W4w2N9/PdjdPzo+PHj9+vB49xjqyhvOF72u0tXlj5dXmSGPFzLIw+wL"
    "ENKomwf/HEpcPmcl8KckMxowAtGd8I8t/IBW2Z7Ldxe3o+G7/6RehvPh6AJLBqn3ILz6Kv"
    "txjRohv1yOfiL4k/x+fXWRfWGieqPfe3hP1HOFZomlRo0kJuHl8FLmY+24OFldR9FZ2Q2o"
    "umWvXpc0nXBm6roXCZFN+hjtVeoDLgV6bZO7Qo8i9PfS0P4gbMan1hvmzxAu4T6opbMCQA"
    "N+4X3QzHZCGl+NX2WbLiM3Nzmg4NnhiZnr+wbD27Ph+YXvF4+pfrektqGloMYSMRCZK1Hd"
    "fNF8MM9eoRadSnDwKfCeA9R/FuNeAdmDl/tVLM/fYlyX3hH2nU/SLClyMshaULKEq76+y2"
    "gdQcaMGMhzjFeRwAkRMIh8JsWdMUuyPEjaTAVzvifY9BSUIMvlX31f2tFnzPBMtg4VAgPX"
    "lePWACEw9w9QIYiMBlUVBdJWCiRSaF0vPRJQJEgNEoS6LpsvXCePcKnbkhRZy29pHca+4z"
    "LYO3h9cLx/dBD5K9GVKjcl75IEpqfhLDWWUq5Iqyeo0p1gti0KJlJV5GFSqgvUVto0DWox"
    "iIMKBnGQZxAV/x3he3RQA96jg1J0sSgN7oKuTEENbR3KMC+rqMN1qUNFYH0JXw1cy17B+w"
    "KPaDSZbeXkOkQVb27GBZ7nOlOuWExxgm17eXIk1stwLm/gnqxzhmEfvQLuJVncr+Jg7rAi"
    "aBlr1o61wfgRP9hmRu8ZMcUU7pFwK0fFDInfss/dUCkkg14iESIseDa4eQNJFmRidCHuOH"
    "Qr7PCKxVxkbiQhgwzfN0MY8qURKX9EZGIgJ+shc0ZRrPdXhqdRRMqLEikJJdWdTidEOjij"
    "Pviuxoz64LvSGTUWpT9DicHfAOW0VAeBHhzWoa2gVrlreJgjribcBofaYcxa48OfE1aT59"
    "Z9/3OUy5q6zsoqVbda1RNhT4XrrvdaZ2TVpL7NmlYL/WqhXy30Fzqd7yg3Tz0DfK1egc+Z"
    "KO1XuZxzqKeNZcWaHudPYknmmCOBouBG4n9j8VF6kjNq5NxOjADwOyBiItMcAokdcgmXPN"
    "fkmOmByQ5RqgcFN3MZ5WqAtypLDQOX6DFZwhKygt9szRCAUtfyjq0arR/41TczB3/Yrdy6"
    "xYNy73ICd7HOFzsWU/Oy1n2tW0LBgZUZwQAYiTtmFdnDVHmlRUS+F8cS2BKoW9MoynYdNH"
    "Amt+4c5NLgM+Ey2ymg4bDKV5jMBTIY/2T6zBoY0FlfRlOhkZTsHJJs+GPh2aAr6HcqhCEj"
    "pmRREHk14+vFQSVnSn4HD4VCZbB5KDMMZ3KJ/mY4xAMr3rSnWWAZmgZgSXENoW1i49NSyt"
    "Q3NvXheGqAeUKkg/zW/qAG5PuDUsixKJPF443/ZnojFjEh0sHgksM6oxpqVTCIufiHlMlq"
    "gHRWrntw7w/qxPJArYohnYvlGa+05BpYHvFTIUxGrWLQC6SzEScg/lSmJLryzCEn19dvU/"
    "PD08tsCuD7d6cXN6/2pCKgEvfd1/wKuc2mHHvFu2tIuhSIPoJ8adnAf8xam4rh+QJ8oFQM"
    "z8cFh+bWUHNaUqm51WpWxLQiphUxXUzFeO5YfEQCuldExMSl/UoaRtbTkCuuycG89QmXOD"
    "UtSDlzgqiJLAsjq/fJ0ua4HIiUDbLM0InlUD+OR7aE7TDTRHJnh/wSXJF7AnGH+LHNwUZA"
    "fMECcoa7fmF5YFSt/DSTWn7WmWdL0ioxEXiIPkmgp4Xi9ViacFQ16aEZD2QznS94oJXoYe"
    "VdNuk0WEao368hQMR6XKdxGyoVsI0RbCoVUKUCbltgukoF7LKnoFIBny0V0J/SNYI5kuig"
    "+d/8mkNq5lYX45RQB2F+koUHmPpPPfCvmtmMWKaDOB/XQPm4FOPjwkD8l2BwWmaXN8Nu31"
    "PTY85aecI5UZUmrNKE1YyyfEaJvNIaOk6IqaD3Nus3pP3Syr2dU9Ms9bJDmefzsPee6qPv"
    "u9f7g9dHkWeNP6qc6tt3w7dv8551SHxmv0Xl262GEs8H4+7TwvjMO63G9GjdSWss8XxT1t"
    "5TcZpZx+CwlmNwWOEYHH5dtFL2Mgs7N4kgj17B0k6qvF+1uJMMF6m5upNsXAbaBtFVLFjw"
    "scRYGCuZhQBKmXAbs9hXrHDlB4aTTZL3INuziGfFokHywVdO2NEJWc5E2LZD5nSFi0twTZ"
    "5AMaeG3OhQHuQgD5vA5IYFBgVbQm6AKNMdxiw4pSLOdvgqPtVCLiMhqNBssBViVAQtT/k9"
    "XA1XkeQRFoTKaOJHRv/WX1dKKa7hsk8ivqFRL4GcWnNp65qLTNCQPxrY/ZSQ4jfr8ZsvQQ"
    "q1GuYNc0IY8Q92MDS6TXAuEO0gB7exKY2iLR5rsLfOrVWRkV+EmlVkpIqMVJGRhQ70LdM9"
    "m7uri3tmFWbtpyv0q1xoJ6iqMazb5GTGGTQKajcwPDI6kxE9Tyd0xzK6kCn8YX9E9rdDrs"
    "PEffRSo/MKrSD0kVrCWs2F5+yQK+kfzwQAlDz4UKauyjzLZ3NeM5A1dF/X7yc9S6nXG6hR"
    "1AnDzPYl5ep3E6h8jY4Cyfpd2QwU7LhrdBVIKgKgrQSAhCqHc0V6dVC/gw7S5rfgVt7RFz"
    "FtTljiBhYrLaWCUjLRyuFHtAGiSRmFZxpPvmhi5f3a3eMcD+pQYAflDNhBjgB7sT1hW43z"
    "k2wJm5iFNoA6LdU9qDc/azGYG6T4pTH++fb6qiQQIJLIzlS47pL/EZM725gtUgEsYpGanu"
    "QOd86e45wx0dhA9nBnFdbaGfatnYimyLfwBraCfQMdwfOBmnpF1Ftc2q/k3fx62h1b1STd"
    "oEmyoDzMTMYGkHfDrSzjLeYyISp3gcwOGc0YWdj8HoYJmVFzguwas3R7tYBxQzwYCkikYX"
    "34i9/DtYkt5uT24uwG9P3m4rfvZbDJwhubXI9akD9xwfLRm2c2+5DePeILuga5snUf0HKO"
    "hZpTYXN3Nm8Cd0qog2zL5hNc/fdE+3tZcAhG+dwlLaXmL4+YvwS2TotsXF4PlYfOFYmvmV"
    "CyRapQGSVt0sbWkY+438k903Dm0FTPGVGVWdJmPdugA3ut1zktqbTcNi23JEXg1qUuzHO4"
    "3itysaLCfqWHFVZrcCCBmOAWTo6YMxlrH8U49PHYupnw7JyPVSXlH4XHpCB5hQEOYzblFv"
    "p9ffJ+dPZ1nwgMaqCmCVV9b98pPwIv7F/C8agT76pSlwo9q4LEpeDFa69j9YyJS+XuVqiz"
    "JjYylFGTndaZx+RHsGmmwqOSFNqmyKfm/WUyfzPDFYl0aXeoZzBfLfnkv7cm3JJc4g2bC1"
    "Bm0ac/X6lyCuBF1TXbr19zLnAuyWYjjmtczoQjN3WELzShNoMvOX7pXRqcA5LmXa3ozKFg"
    "E0mH+PS1cSLjHDlMKKCUm2FSH3FcYTOZnWeySSCGz45xkY/lVlXw2nMErymKo7Nf/bZYSE"
    "e+93mjGCwDVthBJzhB6GHLNwwsXt8/MEimJEf7o5ZYuR1yna57Qj4w/PODjOEOMo77wUVN"
    "x6hurlO/eCm3wsVs6/mCog3EEHJ/5K4T0Z1+mR4OEpbQJEKrgwXHerHIcnc9U4BP17C/WL"
    "CiM2XQX9Sgy8HaZIIfCXRwhv8km9NlzEFjrNOinVsMfpKjcVSSfcHgVkn2zwHzhpPs4Ztt"
    "MHCi4IG0e/ioBllEaaxL2YIS6c5s2LSxbaW5TAaDCVwBG1N1ilZK7hnPzwrt9dYenwXAOR"
    "5MpouDBB/CPCWqji1rgLs/pQBbwKGjokWTKuTzwgr7BtiHKcPaPTU5uGGTwv23H9qXsrgN"
    "tcjcNj5FRQZ9cWr2Fsaaak5Lqpe5zVrO8WFNFJ0TVrpum64bEOGFflrBpCoQ/uHNDTOjHT"
    "+L013Oooa215jntpxJvT/JY4cfCdYbbOo8OsC4i2gJi2loB7Q4/WV9vK4tNoK2RiJY0O0i"
    "YLntcteHK7tHbxfhKtgaaX3AclsybeWXKw/YUy54DsGd1me9giXPoKRftehJ4zoPrXqWw7"
    "DhsIsvJerykexj+aJcKdFbTqqXs7vdWJh7gp1U8aVqgHBQvYPo7tVaGdqrWBnay68MQY9u"
    "4R4d5YmBCRGVFdgwK/BFo3c+/x9sDbY7"
)
