"""Work that waits for a worker, with a schedule for what comes again and again. Letters keep their own table."""

from tortoise import BaseDBAsyncClient

RUN_IN_TRANSACTION = True

POSTGRES = """
CREATE TABLE "jobs" (
    "id" UUID NOT NULL PRIMARY KEY,
    "state" VARCHAR(16) NOT NULL,
    "attempts" INT NOT NULL,
    "due_at" TIMESTAMPTZ NOT NULL,
    "last_error" VARCHAR(200),
    "kind" VARCHAR(64) NOT NULL,
    "payload_sealed" BYTEA,
    "created_at" TIMESTAMPTZ NOT NULL,
    "every_seconds" INT,
    "done_at" TIMESTAMPTZ
);
CREATE INDEX "jobs_due" ON "jobs" ("state", "due_at");
COMMENT ON TABLE "jobs" IS 'Work that waits for a worker';
"""

SQLITE = """
CREATE TABLE "jobs" (
    "id" CHAR(36) NOT NULL PRIMARY KEY,
    "state" VARCHAR(16) NOT NULL,
    "attempts" INT NOT NULL,
    "due_at" TIMESTAMP NOT NULL,
    "last_error" VARCHAR(200),
    "kind" VARCHAR(64) NOT NULL,
    "payload_sealed" BLOB,
    "created_at" TIMESTAMP NOT NULL,
    "every_seconds" INT,
    "done_at" TIMESTAMP
) /* Work that waits for a worker */;
CREATE INDEX "jobs_due" ON "jobs" ("state", "due_at");
"""

DOWNGRADE = """
DROP TABLE "jobs";
"""


async def upgrade(db: BaseDBAsyncClient) -> str:
    return SQLITE if db.capabilities.dialect == "sqlite" else POSTGRES


async def downgrade(db: BaseDBAsyncClient) -> str:
    return DOWNGRADE


MODELS_STATE = (
    "eJztXftz2zYS/lcw+uWSGdUTy4+47s3NyInbuknsG1u+Xl/DQiQkoaIIlSCtaHL5328XfD"
    "9Nyo9QCn5pI2AXoL8ll9gPu+Cn3kJYzJZ7P4lx75R86jl0weAf6eY+6dHlMmnEBo+ObSX3"
    "lxirBjqWnktND9om1JYMmiwmTZcvPS4clPxZuHPizahHVpR7kkyESyhZQStzcQRLmDAEd6"
    "YofOUwkIUfxBNkzIgloGG8jhVOiXBMmIQ6Fsgxh+CIrliRqWDyO4JDTyl3VL/6Vz/QluaM"
    "Wb7N9nBG3+F/+8zwxJTBGC7M+9sf0Mwdi31kEn9+6k04sy317570qMfUlYIS9Xooyz4uXS"
    "Yl/IkyUo8QRGQMEFVwrZeqradUACj14zOKL+eGmiODPrdQUrUbke7t7cXb75UkXsLYMIXt"
    "L5xEern2ZsKJxX2fW3uog31T5jAXrt5KmcfxbTu0YtQUAAINnuuzGAkrabDYhPo2Grn3z4"
    "nvmGhbombC/xz+K7y0lJhhXF6NjJvzkWH0CvcEXkLO8mGTCYACTNzxENdPn4NxE0BUaw8n"
    "ePPj8PrFwfFLBYGQ3tRVnQqu3melSD1qJHZMUI4NmgX6zYy65UDHCjms4VI3QTlqSGBOHp"
    "0IwAiiJwC1t6AfDZs5U28GP/ePa0D+z/Ba4bwf4CzgSQ8e/8uwZ6C6EO4EXup5bLH0ZBHh"
    "C8crBzitksMYrnobMZ7iRXwz2D98fXhycHx4AiLqQuOW1zWwX1yOcpiGrqeA6FuAxOMLVg"
    "5ropUD1QrV9qJ/bCHENfiNLj6c34yGH/6Nwy+k/NtWWA1H59gzUK3rXOuL/C0eD0J+vhj9"
    "SPAn+fXq8jzvcGK50a89vCbqe8JwxMqgVhqTqDlqypjXptIzmOsKt41bympt5JtC/94Vm2"
    "Zd0+DVqwa+CaQqnZPqyz5Jc/jT2oAcye+g6z8+bADv8WElutiVBXdJ17agliEZtVkJzGfc"
    "oe66HOiibg7y8dpjcvvu6RqMz95fnWVcFEB7dnE5vP7lxYfhf19m/NT7q8sfIvm0+zn7ZX"
    "Q+zJnBdBnCs8EbI6up3xqdfmuwO+au4XmBP9Fqs9oq6G205OrYY/boKy6IPDdZciVqj/D0"
    "dAzjbX94MO6ezFMxITaMqTlfUdcyCj1iIKpki12LwSLfQh06VUZCNPE6Q3LlHVyT85bdcZ"
    "P1SriXdHe/joOZoyBYGSWbkjEz5jLiS+ZKMqN3jNhiCtdIuFOgYoYkGDngbqhSAh2ZqBDh"
    "wN8GF28hyYJMjCnEnMO0wo1aHOYhc6MImVsY4Zsh3PJeFQ3zWw9nwc5QT8lBk0FRrfdHjq"
    "fRRMoXJVJSRmq6nE6p7OCK+vDbBivqw28rV9TYlX0NpW7+FihntXYQ6MFRE9oKpKpDw6MC"
    "cTXhLgTUkjFngxd/QVkvnjv3/i9QLhvaOq+rTd1pU0+EOxWet9ljndPVi/ouW1q999qt/V"
    "Iqj7kA7K5R71nvFWKkLLpFaL8XLuNT5x0LeL0LuA7qmGXbZWF8cxsOs52QJq3Jo+zSVRyD"
    "pG8ogdGZzbxgtTa8eTN8ex7s/j5/0PmBcvvMtyDW6pXEnKnefl3IuQA5Y6wEG0acP4oVWf"
    "jmjKAqhJH4v7H4qCLJGbUKYSdmAAQTEDEhuP0fauyRC2jyPZvfMYmb/4SapvAd7xRGddgq"
    "+kkgWlW9loVb9IRDECqUQDBswxSAytByztat9g8C8cdZg98fVm7d5kF1dDmBq9jkjZ2o6X"
    "VZ597WHaHgwMuM4AYYiTlzyvxhpr/WIyLfi/cS+BKQbegU1bgSHZzNnblELg1eEx5zZQkN"
    "hyL/AI+HOpj/ZAfMGjjQWV9lU6GTVOwckmz4Y+m7YCuYdyqEpTKmVFeYeTXjm+VBpVdKwQ"
    "T3pULlsDGiBURFWhSu5FLzzfAWD71425lmoWdom4Cl1A2Eto2Pz2ppV9/a1Uf3UwvMUyo7"
    "yG8dDBpAfjCohBy7suSW9Md/MbMVi5hS2cHkkqMmdzVI1TCIhfyHjMtqgXReb/fgPhg0ye"
    "UBqZpbupDLM14b6T2wIuJnQtiMOuWgl2jnM05A/alcSdzyzCknV1fvM+vDs4tRDvHbD2fn"
    "1y/2lSFAiAfha3GH3GVTjrPi1bUkXUpUH0C+dOzGf8hem87h+QpioEwOz8clh+E2MHNWU5"
    "u502bWxLQmpjUxXU7F+N5YfEQCuldGxCS9/VoaRskZyBU35GDeB4RLUpoWlpzJMGsiz8Io"
    "8T5ZuRy3A5GyQZYZJnEkDfJ41Eg4DrNtJHf2yM9hi6RrRUQHuc1B+dqKL1lIzoCE6qxOjG"
    "pUn2ZTJ6g6811FWqUWAvfRJyn0jEi9GUsT3VVtZmjHA7nM5EseWiX+Y9VVtpk03EZoPq8l"
    "QMV52KTJGLoUsIsZbLoUUJcCbltiui4F3OVIQZcCPlspYLCkawVzrLGD7v/x9xwyK7emGG"
    "eUdhDmJ9l4gKX/1If4qp3PSHR2EOeTBiifVGJ8UpqI/yUYnI755cdht++o7TO5UZ1wQVWX"
    "CesyYb2irF5RIq+0gY1Tajrpvcv2jWi/rHFvFtS2K6PsSOf5Iuz9p3rpB+H1weD1cRxZ44"
    "+6oPrmw/D9+2JkHRGf+XfRtBLGSOP5YHz1tDB+OxgcHLwevDo4Pjk6fP366ORVDGqxqw7i"
    "s4sfEODMQ1FWZB/Ro00XrYnG8y1Ze0/FaeYDg6NGgcFRTWBw9LJsp+zLbOxcp5I8eiVbO5"
    "n+ft3mTjpdpOHuTnpwlWgbZlexcMPHEWNhrVUVAhhlwl2sYl+z0p0fuJ1ckr4GNZ5DfCdR"
    "DYsP/iGjiU7JaiaisSVZ0DVuLkEbnr4BPy110KHEfN29353fHSxuWGJSsCPUAYiq3GHMTL"
    "HIVjvADEsq5Uq4ltpGQlBh2PAoxLgLRp7yO2iNdpHIinszQlU28QOzf5vvK2UM13LbJ5Xf"
    "0GqWUE/vuXR1z0UVaKgfLfx+Rknzm834zS9BCnUa5kfmhDDjH/xg5HTb4FyiuoMc3KMtaT"
    "Rt8VCHvXVhrc6M/CrMrDMjdWakzowsDaBvmOm73Fuf3zGntGo/K9CvC6FlKGowlG18WhxE"
    "yjMYFMxuYXpkGINKFXnKKBzL2UKV8EfzETXfHrmKCvcxSkW8T6Pz+zFUpY5w1gvhyz1yqe"
    "LjmQCAIFqN41lVuqrqLJ8teM1B1jJ83Xye7Cql2WxgRtEkDTM/l9JrPk1o8g0mCjWbT+Uy"
    "MLD0Npgq1NQEQFcJAAVVAeea8upQfgcDpMc/gltHR1/FsjnliVt4rKyWTkrJZStHL9EWiK"
    "Z1NJ5ZPPmyjZcPpHePczxsQoEdVjNghwUC7IudCdtpnJ/kSNjUKrQF1Fmt3YP68VctFvPC"
    "Er8sxj/dXF1WJALEGvmVCjc98j9ic7mN1SI1wCIWmeVJBGicBZjC+k1JDiAOcKbTWneVfe"
    "smohnyLbqArWDfwEbw94GZemXUW9Lbr+XdAjljztYNSTcYkiwpjyqTcQDk3fAoy+SIuVyK"
    "yjzU2SOjGSNLl9/BbUJm1J4gu8Yc010v4b4hPtwKSKShPPyL30HbxBULcnP+5hrs/e78l+"
    "9UssnSH9vcjEdQP3HD8sGHZ7Z7kc4f8AbdgFzZuhdoNcdC7alwuTdbtIE7o7SDbMvjF7gG"
    "z4nx16rkIxjVa5esll6/PGD9Evo6I/ZxRTvUfnSuTH3DgpItMoWuKOmSNbaOfMTzTu6YgS"
    "uHtnbOqerKki7b2QUbuBs9zllNbeWuWbkjJQI3HvVgncPNXlmIFXf2ayOsSKzFBwnEBI9w"
    "kmLBVK59nOPQx8/WzYTvFmKsOq3gU3hMKZIXmOAwZlPuYNzXJ7ejNy/7RGBSA7VtEA2ifV"
    "n9CbxofgXHg754V1e6VBpZlRQuhQ9edwOrZyxcqg63Ipu18ZGRjl7sdM49pl+CbSsVHlSk"
    "0DVDPjXvr4r52zmuWGWXTod6BvfVkVf+rTPhjuISr9lCgDHLXv1FodolgB+LG24g33At8F"
    "aRzVaS17iaCakOdYQ3NKEugzc5vuk9Gn4HJMu7OvE3h8JDJCUJ6GvrVOU5clhQQC+3o6I+"
    "Ij3hMlWdZ7NJqIZ/O+ZFPpRb1clrz5G8pimOnX3rd8VDSvXcF51iuA1Y4wdl+AWh+z3fMP"
    "R4/eCDQaokOT4ftcLL7ZGrrOwp+ZPhP/9UOdxhxXE/bDRMzOrmJg26V+ooXKy2Xiwp+kBM"
    "IQ/u3E0yurMP0/1JwgqaVGp1uOGoE4S76GPV/dNmzR0r7OCi+0nOi8s9oa2xzqru3P7sk3"
    "ytRte9l9zcuu79OWDWde87UPfOVbkWLLFK+JK671xl9J7xC1eR+97aD1wBcNKH5W55Gt99"
    "mGdU9YfFWuAerDDumMthorJtjTrki8oa+xbYR0W9xh21OQRKk9ITsu87ObJ8DL0N3DXGQ+"
    "fufHVm9pfWhmbOauqHuWtWbkFfphKyU19ALflMy1mo/v27a2bHJzWWlym8w6Hext9S3c5n"
    "vHBWSObhKfnY++Z45b8xv4uAFU7u3Byu/HGhuwhXySktmwNWOB1mK91xEbCn3HsZQtxgzn"
    "oluy9hT79u/4UmMvdtwFTD8Mg7wF9LAtgDv69VvRkBoWR0ck1TkiulosmtZuQWPlQtEA7F"
    "dxDd/UaM+H4NI75fZMRhRq/0uIDqGqWUii5Qalmg9EUTCT7/H2OC0lo="
)
