"""Registrations of addresses that nobody has confirmed yet, each with a link of its own."""

from tortoise import BaseDBAsyncClient

RUN_IN_TRANSACTION = True

POSTGRES = """
CREATE TABLE "registrations" (
    "id" UUID NOT NULL PRIMARY KEY,
    "full_name" VARCHAR(200),
    "language" VARCHAR(8),
    "hashed_password" VARCHAR(255) NOT NULL,
    "created_at" TIMESTAMPTZ NOT NULL,
    "expires_at" TIMESTAMPTZ NOT NULL,
    "user_id" UUID NOT NULL REFERENCES "users" ("id") ON DELETE CASCADE
);
CREATE INDEX "registrations_user" ON "registrations" ("user_id", "created_at");
CREATE INDEX "registrations_expires" ON "registrations" ("expires_at");
COMMENT ON TABLE "registrations" IS 'Registrations of addresses that nobody has confirmed yet';
ALTER TABLE "one_time_tokens" ADD "registration_id" UUID;
"""

SQLITE = """
CREATE TABLE "registrations" (
    "id" CHAR(36) NOT NULL PRIMARY KEY,
    "full_name" VARCHAR(200),
    "language" VARCHAR(8),
    "hashed_password" VARCHAR(255) NOT NULL,
    "created_at" TIMESTAMP NOT NULL,
    "expires_at" TIMESTAMP NOT NULL,
    "user_id" CHAR(36) NOT NULL REFERENCES "users" ("id") ON DELETE CASCADE
) /* Registrations of addresses that nobody has confirmed yet */;
CREATE INDEX "registrations_user" ON "registrations" ("user_id", "created_at");
CREATE INDEX "registrations_expires" ON "registrations" ("expires_at");
ALTER TABLE "one_time_tokens" ADD "registration_id" CHAR(36);
"""

DOWNGRADE = """
ALTER TABLE "one_time_tokens" DROP COLUMN "registration_id";
DROP TABLE "registrations";
"""


async def upgrade(db: BaseDBAsyncClient) -> str:
    return SQLITE if db.capabilities.dialect == "sqlite" else POSTGRES


async def downgrade(db: BaseDBAsyncClient) -> str:
    return DOWNGRADE


MODELS_STATE = (
    "eJztXW1z2rgW/isaf9l2hs0khKRp7p07A2m6m22a3EnI7e2+jFfYArQYibVlKNPb/37PkW"
    "2wjU1s8maov2SCpCOZ50iynkdH4qsxljZzvL0PQs7EOzblFjNOyVdD0DH+k5XdIAadTJaZ"
    "mKBoz9HlR1jQtHVJnUN7nnKppSCzTx2PQZLNPMvlE8WlQJNPQ+Yy4nvM9ciQThlx5GDAbM"
    "IF2tvSggq4GGDRNglqJmpIFaHaCGy8pQmR4pTgw9ukNydcecSScsShWelGKYKpmXRHhAqb"
    "3EENP7YHTKg9bM0X/G+fmUoOmILHgjZ/+83AVjAztNPlIMmkaGb88Qd85sJmX+ALQ3n8OB"
    "mZfc4cOwElt9FSp5tqPtFpd3cX797rkvhVe6YlHX8slqUnczWUYlHc97m9hzaYB60zlypm"
    "x6AVvuOEroiSgq8ECcr12eJR7WWCzfrUd9BBxj/7vrDQL0S3hH9a/wofLVbMNK+uu+bted"
    "c0jRV/4iOk/BYmWVJgX+BCIVBfvwX1LgHRqQY2cPZz++bV4fFrDYH01MDVmRou45s2pIoG"
    "phr0JcoxJyWhPhtSNxvqmEkKb3jcTZCOEpZQL7t+BGIE0xMAa4zpF9NhYqCG8LH1dg3Q/2"
    "nfaKxbbzXWEkZqMI6vwpymzkLIlxDHOn8JlJNWOwh08+i4ANJQKhdqnZfEus9dT5keY8Kk"
    "GXC/A7AUH7NsyFeMU6jbofVe9M8W+mAN5N2Lj+e33fbHf2P1Y8/729GQtbvnmNPUqfNU6q"
    "u0dxaVkE8X3Z8JfiS/Xl+dp6emRbnurwY+E/WVNOFlaFI7jkmUHCUlnO3QzX2dtq1dXWlX"
    "96U7kEptNqxTto/g6nApUHv68T2t33vl1n4xk8dcAFbXqfes93BJ3R9lLveitXkS2vfSZX"
    "wgPrC5BvgCnoOKgLqkAA35zV1YzXZCukxdDmWXzhYcJN6hJLIzh6lgtda+PWu/Ozc0wj1q"
    "jWbUtc0E1JgjmzKVsii7mjVujtMpVMC6zw6/BT5ziPq1YF2Yn7pyxISRwToT+Y11tFMKIG"
    "1QFJgblC1IPHW9HpF94nAx8pA9AjAKeGgG8cQiP3hE138KLNMJuCSQz2GDwIwMSQGJ1bQS"
    "P0x8F/oytDuQElOAtmIWlqVkNuQOy6OcKUb51VjimZgbggYMLM6+TGDMePDNFrBHYKawMa"
    "MhEw0BQ5sDVvqDnrti7Q1xXMF0h7WXbWkYTm45LeUyZW1uIrRlCEbS6nEIxv2c+dnoxXGr"
    "ALs4buWSC8xaT52j/lQC85jJDjK6w2YByA+buZBjVpLOeX7vL2aV4s0xk40grtjSLs2Zi/"
    "RqKLWGM7fSICemrBJIp+12D+7D5n6hHr2/pkvvp+F22YBjk/hoJRe6GaYPWPBWDPqH6JtL"
    "dC2X4TfegCYmLWs9oNIsEVZVHKrbwM1Jy9rNlXZzLQbUYkAtBmSLAb7qyS8fKXeMLClgmd"
    "tYKwTocuYYChZUAS4Dyh9sKc8oV8DxSY8RL9ypSusAuniDzFyOEiyKBkDbAWgqPBrsneqa"
    "sB7mOCgv7JFPYYpH5x7hHtRNHWY3tB4w4xMWygNQQmfmb0avUwagWyvdq20wgrfBfWQ9hp"
    "QJJsUlgagDlWmgnOjgMotPuN5dL9HG0iq/oXp3/kV354PRU4aULS1qgaGAwJAYA0UxThjt"
    "IMxPojI4VAx8eJWV6swxmx3E+aQAyie5GJ9kxpm8xGJ5J4WEKXV8oInB0mMV0w4X1J1no7"
    "pimsK2N1dBsN/O4Nq5vO4kOCX00s7FVfvm86uP7f++ThDLy+urn6LycR90PnfP22n9N1qj"
    "FVZ/I4MdnC4OisRLHeSHSx2sREtRWCuMJypD9b0QKhvguEkKYx68ELcN4wE+xI/Ng9ab1s"
    "nhceukgYsofAtGKW/WwH5x1U1hGrKJFUTXq1JLq1qRqrQiVevL34WbUVTYwMcxszrKrMr+"
    "1eGfzHVlOXKdsNq9/c7mfpH9TiiVT/z29X7niuj8MhrpTWy/1MhQSRP5jXU6aXzntaBQGq"
    "9cR02FW+Us1E6F7El7ro/jgFP63MVDOHOWKaJCf3JJ/Bl0fYL4YmlKLUv6Qv3gRQ2dktlQ"
    "RnV7ZEznqNNCGptCbWNq47kg7mHw1d7v4ndxoYicYISXkJAuBnsEUnrMkmP9yCzWwoR63k"
    "y6tlZkEVSoFsVdFcuCmgd8CqmRIEtmXA0J1aFhDwzlir1L71E8E44rKavGtgpLtRLa1bJq"
    "VWXVPrRl6g8lJv+EUT335879Ly76VRrmR9b8MHwT5sFo0i2Dc4bpDoomzaOjQlr20Rot+y"
    "iNek0CN5mwt44k1EFG34Wb6yCjOsioDjLKJNC3zPJdrubnU6YffYVBJws01lFoLyxqMixb"
    "+LILYMpDqBTcbmOkUchBPc08vYiOpXxhXAsMSAraI7q9PXLtKwf4qKdZKuJ9iqRWhFFEVE"
    "gxH0vf2yNXmh8PJQAEbHXBZ/U5JH1o5tnIawqykvR183aSq5RirYW+KBDolG4ttCzelMsA"
    "eU9t0FRoWTPzqjJzDVUJEhOV30Hm8lgH2Gra8p2tZ2MzcYkZK2lVRwOlIiUsJcuShLhNjW"
    "cSTz4pM8sHpXdPDGwV0aZa+dJUa0WZerG7piqN85NcNRVbhZaAOmm1e1A//qrFZio8xpLE"
    "+Jfb66ucYKqFRXqlwi1F/kcc7m1jpNoaYBGLxPIkAnQRfhnD+iwj+BIr6NTxxLsqi1UT0Y"
    "1VMWifXN1dXr6YLAY+gu8HbjKyNLFlbmOtIBaUM0dsXlANgyrJhPLo9B1WgIIYrNzJ8iKf"
    "VOzIKLTZI90hIxOXT6GbkCF1+ih7MWG58wn0G+JDV0CFC8vDf3wKaX1Xjsnt+dkN+PvD+e"
    "d/6CiQid9zuLWoQX/EncSCqliuwDIq9yIdPeANuoG4snUv0HyNhToD6XI1HJeBO2G0g2rL"
    "4wfXB+PE/GuWcblu/tolaVWvXx6wfgnnOnMxx636Yd0pnkzzDU/ybJErnuooTy0+buKNrR"
    "Mf8Uz/lJm4cijr55RpHUBfZT+74AN3o+GctKy9XDUvVyR2/1ZRBescbhlZFGuR2VjLsKJi"
    "BfnVz3JGZB+vKfHkmOkg+EXwQQN/DmMofXeFY62zCn5ig2lD8gojD3pswAXyvga56569bh"
    "CJ0QbUcaBowPa9/J/WiNrXcDzolzQ6fJB7xjOTWWWc7gwHXnWJVXC0822zeXj4prl/eHxy"
    "1Hrz5uhkf3HGczVr3WHPzsVPeN4zMRqjA6D5dCvyWZk5MrKpFzuVmx7jL8GyRwgedHqgao"
    "58at1f36JQbuJamOzSyfRnmL4q8srXYnbG2z4SufNf9PrXsIq949thAGEjuHRcn4TjTk9+"
    "WdVORRRtuEeuk2VPyZ8M//1Thw6GB90aYaJpYTAht2iQPdOXmeEhv/GEuiw4Mxf0sU0CCZ"
    "Ns+P4QOA1NLKIv1NPr8Lcqhr/p/lPmjbIw2MFXypNcQ5UaoaWxTpru3O7Dk9x4XR+3zOjc"
    "9XHL54C5Pm65A8ctuWcG2nAGG5DSYVTkrELidumdGzB8KrSj6fuZN26ury8TxLlzkVrsX9"
    "197JzfvDrQ2EMhrhISRgJwz4flbnaQyn2YJ0yfEfZFytbiHqwwpszl0FCWaLcO+VXjGvsS"
    "2EdnycwpdTgQpX7mxbv3Xf+UXUe9yVFlFa/emf4u3OxP7A3dnLSsB3PVvFxCvoyFG0INGF"
    "M65RbLuAC1E5q//3DDnMUFYdlBuB+wqne6pu0d4yvBuInBk/GDkZvjlf6dyl0EbOXCuM3h"
    "St9St4twZVwOsDlgK5cSbOV0vArYU+69tIE3WEMjY/clzGms23+hyzL3bcDkw/CA2PGs3Y"
    "nvJbzhgTdX529GAJWM7mUoKnLFTGpxq5i4hYOqBMJh8R1E96CQIn6wRhE/WFXEoUWVeRg2"
    "PwI/ZlKH35cMv3/RQIJv/wcqrOTb"
)
