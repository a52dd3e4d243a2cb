"""Known devices: where users have logged in."""

from tortoise import BaseDBAsyncClient

RUN_IN_TRANSACTION = True

POSTGRES = """
CREATE TABLE "known_devices" (
    "id" UUID NOT NULL PRIMARY KEY,
    "network" VARCHAR(49) NOT NULL,
    "user_agent" VARCHAR(256) NOT NULL,
    "first_seen_at" TIMESTAMPTZ NOT NULL,
    "last_seen_at" TIMESTAMPTZ NOT NULL,
    "forgotten_at" TIMESTAMPTZ,
    "user_id" UUID NOT NULL REFERENCES "users" ("id") ON DELETE CASCADE,
    CONSTRAINT "known_devices_place" UNIQUE ("user_id", "network", "user_agent")
);
COMMENT ON TABLE "known_devices" IS 'Where users have logged in';
"""

SQLITE = """
CREATE TABLE "known_devices" (
    "id" CHAR(36) NOT NULL PRIMARY KEY,
    "network" VARCHAR(49) NOT NULL,
    "user_agent" VARCHAR(256) NOT NULL,
    "first_seen_at" TIMESTAMP NOT NULL,
    "last_seen_at" TIMESTAMP NOT NULL,
    "forgotten_at" TIMESTAMP,
    "user_id" CHAR(36) NOT NULL REFERENCES "users" ("id") ON DELETE CASCADE,
    CONSTRAINT "known_devices_place" UNIQUE ("user_id", "network", "user_agent")
) /* Where users have logged in */;
"""


async def upgrade(db: BaseDBAsyncClient) -> str:
    return SQLITE if db.capabilities.dialect == "sqlite" else POSTGRES


async def downgrade(db: BaseDBAsyncClient) -> str:
    return 'DROP TABLE "known_devices";'


MODELS_STATE = (
    "eJztW2tz2jgU/Ssaf8rOpEygJH3szs5AQrdsEthJyHbbTscVtgAtRnJtmYTJ9r/vlWzjN7"
    "FJ0hDKl0ws3SvJ50ryuUfiVptxk1hu7ZTxa3ZC5tQg2lt0qzE8k//kVe8jDdt2VCkLBB5a"
    "yn4qDXVTWaoaPHSFgw0BlSNsuQSKTOIaDrUF5Uy6fJgQhyDPJY6LJnhOkMXHY2IiyqS/yQ"
    "1ogLKxNG0hv2UkJlggrJzAx41cEGdvkRy8iYYLRIWLDM6nFLrlTljCiLjmzhRhZqIraOFF"
    "a0yYqMnePEa/eUQXfEwEDAv6/PxZk73IysBP2UGRjqWb9uULPFNmkht4YbCXj/ZUH1FimQ"
    "koqSk9VbkuFrYqu7rqnrxTlvJVh7rBLW/GImt7ISacLc09j5o16SProHfiYEHMGLTMs6wg"
    "FGGR/0pQIByPLIdqRgUmGWHPkgHSfht5zJBxQaon+af5ezC0mJmu9/oD/bIz0HUtE085hF"
    "TcgiKDMzkXKBMSqNvvfrsRIKpUkx0cv29d7L08+kVBwF0xdlSlgkv7rhyxwL6rAj1CORak"
    "JNTHE+zkQx1zSeENw10H6bAggjqa+iGIIUyPAKw2wze6RdhYTOCx+WYF0H+3LhTWzTcKaw"
    "4r1V/HvaCmoaok5BHEsclfAeWk1xYC3Tg8KoE0WBVCreqSWI+o4wrdJYTpOAfuEwBL0BnJ"
    "hzzjnELdDLxr4T/PMAYrIB90zzuXg9b5X7L5met+sxRkrUFH1jRU6SJVupeOzrIR9KE7eI"
    "/kI/rU73XSW9PSbvBJk2PCnuA6fAx1bMYxCYvDokSwLbx+rNO+u1BvdKhH3BlzIdZb1inf"
    "Bwh1QAV2kX74SKvvXjXuF3N5SAK4uUG9g+9JSj2a5tK9kJsnoX3HHULH7JQsFMBdGAdmfu"
    "qSAjTIb66CZp4npFFptJQdfL3MQeITisvszCLCZ2uty+PWSUdTCA+xMb3GjqknoJY1vMFT"
    "JUvbbNWsMUuXYAa8zwzeQo45QP2SGJ5DxaIzJ2rombQzabC/KvF0A1OdSNvSqSekkRNoFM"
    "JuIsERNgzugbvKDV3iumDoZtLQPiMo7A+p/mqo7wmLzomrMkyJN0RiQhg8Iiqb42wx455b"
    "Qz1wgKSVA0CQwdrYdSH5MGV6imEEU8KKEtFUnnmrRSjHA2w4RE5g+W2QHuTGdsL3CBoJQU"
    "5BpodrKVwbmnIHCNWD2tRiXa7fT8yzuLddGv2kabSCKoNzcXYX2m9hXnfULJHWHTULszpZ"
    "lUzqkgugCvVLeu44/kYzv+D7UZH8Jb3usXM9H05/5z4VYQqfc16VTsd9dngm8aR2lV3et1"
    "5rj98w9FIa6WEZjfSwWCM93BiNdKNxfhSJ1CHwpq7I3RSKoU56bR/UD89aTCIwtbIY/3nZ"
    "7+VjHHmkmQo1BPoPWdQV28VRJBYJehICunfe+ieN9fFZv53eomUD7by95CkUpA2b4FsgIG"
    "0momvrR9A/6l2dnT2ZgAQxgveDMGl56lFUu79SOvLt9ClZlNSNoElkY+q4/kUE2YCUjoC5"
    "+xJOVjJqoWngU0ODCUG2Q+cwTdAEWyMpEBFmOAsb5g3yYCpILUjaw390DmUjh8/QZef4Au"
    "J92vn4q5SWkO0NLWosW1CP7oSYJfWjQoFlWu1DOr3HF3QNceXZfUCLNRZsjblDxWRWBe6E"
    "0xaqLfUyDLFeTBDrGX7orxP93+ucSyHF3CXpteMv9+AvwV6nL/e4bBzalGFnURCJPPdUQI"
    "YL4V83255QtAN0l6GASLS7vdbFx2UslnLXWb/3RzsnGu2Pg05rJz7+jOKjA0Fw1gpz0nN3"
    "uWDTopxJZp6Ge6uMJ4d1h5lQMd9WV33LEe1WcB67jzgDxgvEeIapNeQ3WYLNwsPbGuonbd"
    "+ir0T++1WdxLpoDJya7QeFuiHPZqmB/epryeepvDU8szGsAnUQ7M/cdc5lk1smMOU7jkoV"
    "NLED0iDp2p2RbuIZqZo/Vbj70mELeXvjsEy+BFYrpN2M5JhaoZWxTrpuXYr6snFQAnOwKs"
    "Rc1aVuHEPHunqogHbCafvE9MZBGaDBqnhyH2SAnmCp1ujhDaAqcOe4buWWUuZYDqxWbCmZ"
    "gznq6sA4gAHkJKGcWwSzgo9k3C+dfYLjY6Ed7i4/OPns988SHLjdHaRAvjpvdy726gp7MK"
    "K+ItztDbKAux6wsXyh/S7ME64/EPZlybPF3f8AzolDoaM8yWUV8lnnHfYVsA9vjupzbFHg"
    "8SORN/dXp+FFbewS8k1LyHfq2k8XZs821wxz0nO3mDctyhXUtdiRafpX76lPbeD+7vSCWF"
    "ghmo19/i/tn+caz1woSH0dMz/VWB+vzE9EnuVyyQL2mNJtC3idMdFyxNugZn+VfIsjm7v0"
    "22IY7nE/IU/c7DJRQduk2ZkSTIvNFX7GcggvGvXmq+brl0fN12CihrksebVi5w0ZarGWCV"
    "TfDdZZWREi5rITH8qJD3JRVUA4MN9CdOulBLX6CkGtnhXUoEeRe+G6+JZHzGV3xaPiFY8n"
    "PYf8/j8l12Ki"
)
