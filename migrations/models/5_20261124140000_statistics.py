"""Numbers by hour for the administrators' charts."""

from tortoise import BaseDBAsyncClient

RUN_IN_TRANSACTION = True

POSTGRES = """
CREATE TABLE "statistics" (
    "id" BIGSERIAL NOT NULL PRIMARY KEY,
    "hour" TIMESTAMPTZ NOT NULL,
    "name" VARCHAR(64) NOT NULL,
    "value" BIGINT NOT NULL,
    CONSTRAINT "statistics_hour_name" UNIQUE ("hour", "name")
);
COMMENT ON TABLE "statistics" IS 'How often something happened, by hour';
"""

SQLITE = """
CREATE TABLE "statistics" (
    "id" INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    "hour" TIMESTAMP NOT NULL,
    "name" VARCHAR(64) NOT NULL,
    "value" BIGINT NOT NULL,
    CONSTRAINT "statistics_hour_name" UNIQUE ("hour", "name")
) /* How often something happened, by hour */;
"""


async def upgrade(db: BaseDBAsyncClient) -> str:
    return SQLITE if db.capabilities.dialect == "sqlite" else POSTGRES


async def downgrade(db: BaseDBAsyncClient) -> str:
    return 'DROP TABLE "statistics";'


MODELS_STATE = (
    "eJztXW1v2zgS/iuEvlwKeIPEcV6aOxxgp+k218Q+JM71uouFlpZom2tZ9EqUHaPb/75DSr"
    "LeFclxGkXRlzYmZ0j5Gb7MMxzK35Q504lh73822cr8QJZUI8o5+qaYeC7+SKtuIQUvFkGl"
    "KOB4ZEj5mRBUdSkpa/DI5hbWOFSOsWETKNKJrVl0wSkzhcqXKbEIcmxi2WiKlwQZbDIhOq"
    "Km0NeZBg1QcyJEu8htGfEp5ghLJdCxAxXEzHMkHl5HozWi3EYaYzMK3TLLLzEJXzFrhrCp"
    "o3to4afuhJh8X/TmmPRPh6icTQiHx4I+f/1VEb2ISk9PykGRioWa8ttv8JmaOnmALwzy4u"
    "Nipo4pMfQIlFQXmrJc5euFLLu/v/rwUUqKrzpSNWY4czOQXqz5lJkbcceh+r7QEXXQO7Ew"
    "J3oIWtMxDM8UfpH7laCAWw7ZPKoeFOhkjB1DGEj519gxNWEXJHsS/3T+7T1aSExV+4Ohen"
    "c5VFUlYU/xCDG7eUUaM8VYoCYXQH377rYbACJLFdHBxafu7d7RyTsJAbP5xJKVEi7lu1TE"
    "HLuqEvQA5ZCRolBfTLGVDnVIJYY3PO42SPsFAdTB0PdB9GF6BmCVOX5QDWJO+BQ+dt7nAP"
    "2/7q3EuvNeYs1gprrzuO/VtGWVgDyAODT4S6Ac1aoh0O3jkwJIg1Qm1LIuivWYWjZXbUJM"
    "FafA/QHA4nRO0iFPKMdQ1z3tff+PV2iDHMiHVzeXd8PuzX9F83Pb/tOQkHWHl6KmLUvXsd"
    "K9uHU2jaAvV8NPSHxEvwz6l/GlaSM3/EURz4QdzlTYDFWshzHxi/2iiLENvL2t47qNqStt"
    "6jGzJozz7aZ1THcHpvZcgcbSu7e03PfK+X4hlV06gNU16iP+nnCpx7NUd8/3zaPQfmQWoR"
    "PzM1lLgK/gObDpUpcYoB6/ufeaeZ2QBqXBVLbwasNBwgOKCXZmEO56a927i+6HS0UiPMLa"
    "bIUtXY1ALWpYm8VKNrLJqnl7Hi/BJvh9uvctxDN7qA9MMoT1achmxFRSWGekvpVHO5kJpA"
    "1EgbmBbEHiKdu1ERsjg5ozW7BHAIYDD00hnkLkHzaS7Z8DyzRcLgnkc9pCsCJDkUtiJa0U"
    "HxaOBWMZ+p0wJkqAtooqIYvRakoNkkU5Y4zymxLgGVkb3A4UIU4eFjBnbPhmG9h9MGPYqP"
    "6U8aeAItUBK/lBrl2h/qZiXsFyJ1ov29PUW9wyespkylJdFdCWIRhRrd0QjMc58w+jFyed"
    "AuzipJNJLkRVPnX2x1MJzEMqNWR0R+0CkB+1MyEXVVE6ZzujP4hWijeHVLaCuGKuXZwzFx"
    "nVIJXDmTtxkCNLVgmk43r1g/uofVBoRB/kDOmDONyaRQQcWxCZqGbDWCvNY2Dfp9DcFmaO"
    "ajZmrrSZG7ra0NWGrqbTVYeP2MMNpoaSRlaD2lYuVZVy6hwEC/LUa5eUuoeeK0w5sFA0Is"
    "j2zlLiTFWKt9DKoiJIKGgtEEsAGps2dk/3ZEuiHWIYggDvoy9eiY3XQIRtaBsbRG9Jxrqi"
    "C+IRWJCQldnHpXncFYY1l6NaByXYDR6jkyGkVFApTlr9AVSmg3K02CIaXVB5/luij0Aru6"
    "Pm/PhFz4/d2VOGNgQaDQUuQIEjc6AoxhGlGsL8LDzYwObEga2s1GAO6dQQ57MCKJ9lYnyW"
    "mgnxEs5yxaIMT1mKAzSX2HCAJrquRxLTHjWxtU5HNaEaw3a05m46Wm1w7V0PehFOCaO0d9"
    "Xv3n7du+n+/12EWF4P+j/78mEb9L4OL7vxCKXvoxWOT/oKNVwuDotk9BxmJ/QcJvJ5MPgK"
    "8wVPiUtemTwd4LBKDGPqboivDeOJeIif2oed087Z0UnnrCWcKLEL+iWnObBf9YcxTD02kU"
    "A0PyoVaDURqUpHpJr48pswswgqbGHjkFqTB1Vl+8oERWJZrBy5jmjV70SufVDkRA6ksonf"
    "gTyRSwSdXyZGekc0x6J8fbkkMrybCJNGBVp5kVLbE1WJkC18mwRzNIVGYVDoIlCKNY05oC"
    "5DmbYfpYuZShmYIp7q9odkf/to4HCDLoktE30EbzsXgVTTC4Jik5nrOXPsfdQHBQtNGQCE"
    "MFpg214xS0cy0UdmpTwx0Se0jz0SbYxBVjKouX0/0Z22WG+eLQrEaeO9eZplorWAPCwk5b"
    "vyNJt4bVXjtRKqEhuKL19DtrqrDLHG9X5jrlloJS6xYkW1mmBmLNCjcVY2NhzWafCM4kkX"
    "ZVZ5V7p+dKFzXOQy53H2Zc7jylzmrDTOz3KXM+SFloA6qlU/qHfvteiEe1k4UYz/czfoZ8"
    "SCNxpxT4VqHP2FDGq/xkB7DrACi4h74gO6OT0KYX2RcnYkGug1x6F1TR2sJqJbZw5C/6h/"
    "f339UqmDd2Aj+H5gJiUtJhbUtnIDYq6cOiPrgtEwaBItMPWTB0UDIiAGnjsKbsrF8gdnns"
    "4+Gk4JWlh0CcMETbExFmEvYmrWegHjBjkwFESES8jDX3QJZWOLzdHd5cUt2Pvz5dd/yszD"
    "hTMyqLZpQX60p0QvGBXLDLDMym2ksyfsoG/7Yhg2JsyifDovA3dEqYbRlt3nBrjzRP1jlf"
    "L2mmzfJarV+C9P8F+8tU7drHFJO+QlIaWqb5mI9IpM8VyZSE3wcRtrvLrgo7iSsCSq8BzK"
    "2jmm2pz/V9nOFtjA2mo6RzUbK1fNylVJPeCYg59DNSWNYm0qW7kMyxcryK8+sRViY3HLym"
    "ZzIDBg5k3yQUu8b3LKHCvBsfK03HdYEqmI9kTmwYhMqCl4XwvdDy/etRAT2QbYMEDUZft2"
    "9rsr/f4lHE96VWWPTjJTVFOZVUpyqjfxqkus3MzU9+320dFp++Do5Oy4c3p6fHawSVFNVu"
    "XlqvaufhbpqpHZ6OevZtMt32Zl1khfp3F2Krc8hjdB+X/CtDmvJvXka8ifdx/3l5dAyi1c"
    "G5U6Jdb/gOWrIlu+DGan7PZ+kDt7o5evmy62x3e9BMKW+1Yv2HvFZd4Re0jGTk0/23AfDa"
    "Ky5+h3Iv78XaYO2mgCxMVseYWqJpIJqYbd6pW8iy3eXD1fYHB8ZeaiO8a2SSSMsuHHU+Ak"
    "NKGMPi+e3qS/VTH9TY6fMjvKRqGGW8qz3KKNzdDSWEdVa3f68CyvlBpDx2pZXymiVL88iZ"
    "3dFHjxK+KVhnnHN8TF6yhhF/XvBJTBOUW1lmt2kZQ2kMpZsxNJbdRW3dhwChtgzCDYzPBC"
    "wnrxkxtQfC60/eX7Bx/cDAbXEeLcu4o5+/37m97l7d6hxB6EKI+EMCKA2w64u+lJKo9hHl"
    "H9gbBvSl4t7q6HsSQWhY7SgnZ5yCeVG+xLYO/fJVOX2KBAlMap7w167PZqehvNIUeVo3jN"
    "yfSbMLOz0Lc0c1SzmcxVs3KJ8GUo3TD+03axrdZT//j5lhiYe/dT05NwYz+n9zrneCIZNz"
    "J5Un6RYXu84j8EUUfAUm67bw9Y4pb9q1xfkoA952FCFxxhbaqkHCd4Na28AwUcyDx2opAN"
    "wxOSodPC7W/lvP6Jb5LKjq4DN/JfNFA0ahNSaaI1xaI1YlKVQNgTryG6h4VCvIc5Id7DZI"
    "gXeuSptzuzU8pDKk0+ecl88hc9Gf/+N0jQGYQ="
)
