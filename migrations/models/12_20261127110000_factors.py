"""Second factors: which ones a user has, and what a code was used for.

Old and new instances run side by side: the columns have defaults, and an old instance doesn't look at them. It asks
nobody for a second factor, so whoever sets one up is asked by all once the last instance of before is gone.
"""

from tortoise import BaseDBAsyncClient

RUN_IN_TRANSACTION = True

POSTGRES = """
ALTER TABLE "users" ADD "factors" SMALLINT NOT NULL DEFAULT 0;
ALTER TABLE "credentials" ADD "used_for" UUID;
CREATE UNIQUE INDEX "credentials_totp" ON "credentials" ("user_id") WHERE "kind" = 'totp';
"""

SQLITE = """
ALTER TABLE "users" ADD "factors" SMALLINT NOT NULL DEFAULT 0;
ALTER TABLE "credentials" ADD "used_for" CHAR(36);
CREATE UNIQUE INDEX "credentials_totp" ON "credentials" ("user_id") WHERE "kind" = 'totp';
"""

DOWN = """
DROP INDEX "credentials_totp";
DELETE FROM "credentials" WHERE "kind" IN ('totp', 'recovery_code');
ALTER TABLE "credentials" DROP COLUMN "used_for";
ALTER TABLE "users" DROP COLUMN "factors";
"""


async def upgrade(db: BaseDBAsyncClient) -> str:
    return SQLITE if db.capabilities.dialect == "sqlite" else POSTGRES


async def downgrade(db: BaseDBAsyncClient) -> str:
    return DOWN


MODELS_STATE = (
    "eJztXWtz27YS/SsYfWk6o7q2/Ijj3rkz8iOtm8S+Yyu3TZsOA4mQhJoiVD6saHLz3+8u+H"
    "6alGSbYvAlsQAsQB6AC+zBLvClMxM6M+ydM4vpzHQ4NTon5EvHpDMGf+TkdkmHzudRHiY4"
    "dGjI4qOwnEynQ9ux6MiBrDEkMUjSmT2y+NzhwkSB36bUIa7NLJvMLXHPiDNl3CJ0NBKu6d"
    "hkwZ0p1qSLEVTFzQkKXZtYDn7AvyAuBW1CzUDshHAQnVPbXghL70KOThZQkt0zi8AjMzIS"
    "M5BwhN8od6AQscSCMDqa7nw0P5r9sDb5DMJ1oERQJZlSm5iC2O5oimI75NMdN/VPxKZLm0"
    "yhHngNYjHbIdyG/2n4EBwExtxgRIw/mp/gve/5iP0Yg+3HT7K8Dc+0Q67HsUa9KgQm2Qwk"
    "HDIWFrwJINrF9iyGjQnABtPxRSSwJ/JZdAp9RG320bSZ9+YI3Q5C65r8H5dpjpgwrAUA/v"
    "MvSIb3YZ+ZjT+/dMacGbr8u4N1alxHSXznDpZln+fwsjb0qR2IBwMo9moaisrhspzLvI4U"
    "hREif3xFsfmdJttKDEKvNZmuBbLv31+ev5YlcXQMtZEw3JkZlZ4vodPMsLjrcn0HZTBvwk"
    "xmwXDQY+PSdA3DH8VBkgcMJDiWy0JE9ChBZ2PqGji6O/8au+YIBzWRLeE/B//2Hy1WTNOu"
    "rgfa7cVA0zqZjwEfITXU/aQRAAswcfgiEJivXr0RIDK1gw2c/dK/ebF/9L2EQNjOxJKZEq"
    "7OVykII0GL+jNCWfZmBuezKbXycQ7Kp5CGB10F4yAhAjnSGAF8AUCPAGlnRj9rBjMnoG5O"
    "yN5RCcT/7d9IlPc8lAUoOE/5Xfk5PZmFYEfgwnszow66ocBK8PoDtKHo7u5WgXd3txhfzE"
    "sCDKqdQ3VWFuMBqJh8jOMybYC5BNXBxe8DrHlm2/8YcTBfvOv/LnGeLf2ct9dXPwfFY+Cf"
    "vb0+TWFuM2qwHJ1xyk1qLfMxj2RSiA+XDrNbhfkpIhbHHCA/vbzq33zIBz0oH9fbpx8GF/"
    "0U7HJVkjfST/nk0iwY6zGhFPDwJtsHOzwu/PfDq15vf/9lb3f/6Pjw4OXLw+PdYygrHzib"
    "9bKsry5/vrxKDXlMSCIPCxhdg9VVneVIXGaNRUnD8F9nCfIlvjjEN9aok0X0HHIcPmMFwz"
    "khmcJV90V3gj+2cEFSpssv313cDvrv/pNQLuf9wQXm9BJ6JUh9kV6shJWQ3y4HvxD8Sf64"
    "vrpI91pYbvBHB5+Juo7QTLHQqB7HJEgOklKLH9vR5HdQv6PTshvo6u35lLaup2PGYQ39GI"
    "hs0mZrbqc+oB/RCh7f5Vpogf2chPa1sBifmG+Yt+K6hOeg5ojlAOqTOe/9arYT0ig1+pQt"
    "ughpg/iAgneHN2aOZ2v1b8/65xcezzCko7sFtWBmjkONOaInUilh2WzWrDdLp1CTTiQ4+B"
    "b4zD7qv4phJ4dZw+RuGaX2txhW5dKEdecxYguKBBjSQJQsINXr7yIOTZAhIzoSR8NlKHBC"
    "BAwij3NypsyUlBoyZBPB7J8IVj2BTpD58q+uJ22Ppkx3DbYKtQQD15HjVgchUPcPUEuIjA"
    "ZFFaXUVEop7NCqrEcooEilCqQSdRw2mzt2FuFCMzAuspId2DiMPUOwt3fw8uB4/+ggtP/C"
    "lDKzL2vi+aqn5io1klKmSKMXqNKcYJaVZ8OXkbFxqTZQhUnV1KvEyPZKGNlelpFV+wkhvk"
    "cHFeA9OihEF7OS4M7p0hBU11ahYLOyiopdlYpVBNa3MGug48ASvhd4Rb3Oaisj1yLqfXMr"
    "LrA8V1lyRWKKE2zax5MhsZ6Hc3kDz2SeM/Sx6eRwL/HsbhkHc4cFoZexZGXHJnTI8Tybpv"
    "SeEUNM4BkJNzNUTJ94NXvcDZVC0sMoFCHChHeDh9eRZEEmZiTEHYdmhRWkmMxB5kYSMsjw"
    "/dCHIV/o4fNnSCb6crIcMmcUxTp/pXgaRaQ8K5ES66Sqy+mYSAtX1AevKqyoD14VrqgxK7"
    "O3Gwz+GignpVoIdO+wCm0FpYpNw8MMcTXmFhjUNmPmChN/Rlgtnhs3/2colxX7Oi2rurrR"
    "XT0W1kQ4zmqfdUpWLeqb3NNqo19t9KuN/lyj8x3lxqmrg63VybE5Y7ndMpNzBuW0oSxY0e"
    "L8RSzIDANSUBTMSPxvKD5LS3JK9YzZiR4AXgMYVILb/77EDrmEJNcxOIbVYPRIGFdDwcxc"
    "hIExYK3KXF3HLXqMPjGFLOBVW9EFoNC0vGPLWvsHXvHNrMEfNiu3bvOg2Locw1OsMmNHYm"
    "pd1rjZuiEUHGiZAQyAgbhjZp4+TOSXakTke3EsgS6BshWVoqzXRgVncPPORi4NpgmHWXYO"
    "DYdFvsPgOJBB/yfDY9ZAgU670psKlaRk52QkHvyYuxb0FbQ7EUKXHlMyy/e8mvLV/KDiKy"
    "WvgYdcoVLYPBRphyu5WHtTHOK+Fq/b0tTXDHUdsKS4htDW0fFJKaXqa6v6YDzVwDwm0kJ+"
    "a79XAfL9XiHkmJWKinKHf7NRLRYxJtJC55LDKqMaSpUwiBn/h4TKqoF0Wq59cO/3qvjyQK"
    "mSIZ3x5RkutfgeWBbxUyEMRs180HOk0x4nIP5YqiRMeWKXk+vrt4n14ellOqTy/bvTi5sX"
    "e7IjoBD3zNfsDrnFJhxbxaerSbrkiKogNOXD843YQAkfns9zDtWt0M1JSdXNje5mRUwrYl"
    "oR0/lUjOsMxWckoDt5REyU2y2lYWQ5DbniihzMW49wiULT/JAz2/eaSLMwsniXLCyO24FI"
    "2SDLDI2YNvX8eGRNWA8zDCR3dshvfoo8gInbxPNt9k9d4nPmkzPc8TKLHaMqxacZ1PSizl"
    "xLklaxhcBD9EkMPS0Qr8bSBKOqTgv1eCCLjfic+70Svqx8yjqN+tsI1dvVBYiY6zUa1aFC"
    "AZvowaZCAVUo4LY5pqtQwDZbCioU8MlCAb0lXS2YQ4kWqv/N7zkkVm5VMU4ItRDmR9l4gK"
    "X/xAX7qp7OiGRaiPNxBZSPCzE+znXEfw4Gp2F6eTPs9j01XGavFCecEVVhwipMWK0oi1eU"
    "yCut0McxMeX03uT+DWi/ZOfezqhhFFrZgczTWdh7jzXpe+b1fu/lUWhZ448yo/r2Xf/t26"
    "xlHRCf6bmo+PjaQOLpYNx9XBif+OTaiB6tumiNJJ5uydp5LE4zbRgcVjIMDksMg8Pv83bK"
    "nmdj5ybm5NHJ2dpJ5HfLNnfi7iIVd3filUtHW9+7ivkbPqYYCn0poxCgU8bcwij2Jcvd+Y"
    "HhZJH4M8j6TOKakagffPCdHTR0QhZTEdRtkxld4uYSpMnrPmZUlwcdypsx5M0eGNwwR6dg"
    "U8gDEGW4w5D5V4JE0Q7fRVeIyG0kBBWq9Y9CDLOg5gm/h9RgF0neF0Ko9CZe0/u3+r5Sou"
    "NqbvvE/BtqteLLqT2Xpu65yAAN+aOG3k8IKX6zGr/5HKRQo2HeMCeEHv+gBwOlWwfnHNEW"
    "cnAbW9Io2mJdhb11Zq3yjPwmull5RirPSOUZmWtA37KRa3FneXHPzNyo/WSBbpkJbftFNY"
    "Zl61yDOYVKodt1dI8ML8BEy9MOzLFUX8gQ/qA9ItvbIddB4D5aqeEFkKbv+khNYS5nwrV3"
    "yJW0j6cCAIpfbSlDV2Wc5ZMZrynIapqvq7eTXKVUaw26UVRxw0y3JeWqN+N3+QoN+ZLVm7"
    "IYdLDtrNCUL6kIgKYSABKqDM4l4dV++RYaSJs/gltZR9/EsjmmiWtorKSUckpJeSsHk2gN"
    "ROMyCs8knnxeR8t7pdvHOR5UocAOihmwgwwB9mxnwjYa50c5Eja2Cq0BdVKqfVBvftWiM8"
    "cP8Uti/Ovt9VWBI0AokV6p8JFD/kcMbm9jtEgJsIhFYnmSuSw7fS92SkVjBenLspVba2vY"
    "t2YimiDfggfYCvYN+gjeD7qpk0e9RbndUt7NK6fdsWVF0g2qJHPKg8hkrAB5NzzKMjpiLu"
    "WicufL7JDBlJG5xe9hmJApNcbIrjFzZC3nMG6IC0MBiTQsD3/xe0gbW2JGbi/ObqC/31x8"
    "+Ek6m8zdocFHYQ3yJ25Yrn14Zr2J9G6NGXQFcmXrJtBijoUaE2FxZzqrA3dCqIVsy+YDXL"
    "3vRPt7kXMJRvHaJSml1i9rrF98XaeFOi7bD6WXzuWJrxhQskVdoSJKmtQbW0c+4nkn90zD"
    "lUPdfk6JqsiSJvezBX1grfQ5JyVVLzetlxsSInDrUAfWOXzUyTOxwsxuqYUVFKtxIYEY4x"
    "FOtpgx6Wsf+jh08dq6qXCtjI1VJuVdhcekIHmBDg5DNuEm2n1d8n5w9n2XCHRqoIYBRT1r"
    "3y6+Ai9oX8Kx1o13ZaFLuZZVTuCS/+E117B6wsClYnMr6LM6OjKQUYudxqnH+CRYN1JhrS"
    "CFpnXkY/P+Mpi/nuIKRdp0OtQTqK+GTPnvzTE3JZd4w2YCOjNv6s8WKl0CuGFxzfLKV1wL"
    "nEuyWY/8GhdTYctDHWGGJtRiMJPjTO9Q/x6QJO9qhncO+YdI2sSjr/UT6efIYUEBudwIgv"
    "qI7QiLyeg8g419MXx39Itcl1tVzmtP4bymKI7WzvpN0ZC2/O6zStHfBizRg7Z/g9DDmq/v"
    "a7yud2GQDEkOz0ct0HI75DpZ9oR8YvjnJ+nD7Uccd/1EbYRe3XxEveyFPAoXo61nc4o6EF"
    "3IvZG7ikd38mN62ElYQhNzrfY3HJWDcBN1rBw/ddbcoUALF92Pcl5c6gutjXVStHX7s49y"
    "W42Ke88Z3Cru/Slg3nDcO0yjOgO7Bl5Iu4d51Q/sSWJdaMAXSLfmDKWNnfQ8ls7lOYdnl5"
    "/tFRNrDaabON6Ly3A3WKLm8E1l94Ql5J7whrBg+tvaC8IAONsFcyHfDfIhzBOi6mK2Grh7"
    "KzRQrRwaytsWKkM+K6ywr4F9EBSt3VODg6E5zj1h/KGTN/PrUNvoTWOMlO/TN9fN7lxfsZ"
    "uTkupjblov16B/c02hnInWF3795oYZ4TmX+UEeZ2FF2/uBZw5aSXw58ct21wTrDVZ1Hl7b"
    "20a0Ujfar4fXtckGUNdA+NuYbQQsc0js6nClT6ZtI1w5BwKtDljmIKKtnLmygD3mNl8fTK"
    "zRtJOz0efndMu2+mhU5qG9vmIYNuxs8K34Gq5J8BXvexVyqcW8dTGB2o69r0c4PxQ/qhoI"
    "+8VbiO5epc2XvZLNl73s5gu06OSeTFEcDhcTUbFwNWPhntVn5ev/AbOi1n4="
)
