"""Second factors that are to be taken away, at the wish of whoever has lost them.

Old and new instances run side by side: an old one doesn't look at the table. What it changes in an account ends the
wait all the same, for the row says what it stands on.
"""

from tortoise import BaseDBAsyncClient

RUN_IN_TRANSACTION = True

POSTGRES = """
CREATE TABLE IF NOT EXISTS "factor_recoveries" (
    "standing" VARCHAR(64) NOT NULL,
    "created_at" TIMESTAMPTZ NOT NULL,
    "due_at" TIMESTAMPTZ NOT NULL,
    "next_at" TIMESTAMPTZ NOT NULL,
    "user_id" UUID NOT NULL PRIMARY KEY REFERENCES "users" ("id") ON DELETE CASCADE
);
CREATE INDEX IF NOT EXISTS "factor_recoveries_next" ON "factor_recoveries" ("next_at");
COMMENT ON TABLE "factor_recoveries" IS 'Second factors that are to be taken away';
"""

SQLITE = """
CREATE TABLE IF NOT EXISTS "factor_recoveries" (
    "standing" VARCHAR(64) NOT NULL,
    "created_at" TIMESTAMP NOT NULL,
    "due_at" TIMESTAMP NOT NULL,
    "next_at" TIMESTAMP NOT NULL,
    "user_id" CHAR(36) NOT NULL PRIMARY KEY REFERENCES "users" ("id") ON DELETE CASCADE
) /* Second factors that are to be taken away */;
CREATE INDEX IF NOT EXISTS "factor_recoveries_next" ON "factor_recoveries" ("next_at");
"""

DOWN = """
DROP TABLE "factor_recoveries";
"""


async def upgrade(db: BaseDBAsyncClient) -> str:
    return SQLITE if db.capabilities.dialect == "sqlite" else POSTGRES


async def downgrade(db: BaseDBAsyncClient) -> str:
    return DOWN


MODELS_STATE = (
    "eJztXetz2zYS/1cw+tJkRufGsvOoe3MztuO0bhK7YyvX99AQCUmoKUIlSCuaXP732wXfT5"
    "GyZFM0vyQWgAXI34LA7mJ38aU3EwYz5d6pzQxmOZyavSPypWfRGYM/cmr7pEfn86gOCxw6"
    "MlVzPWynyulIOjbVHagaQxGDIoNJ3eZzhwsLCX6ZUoe4ktmSzG1xx4gzZdwmVNeFazmSLL"
    "gzxZ4MoUNX3Jog0aWF7eAH/AvkilASagVkR4QD6ZxKuRC20YcagyygJbtjNoFHZkQXM6Bw"
    "hD8od6ARscWCMKpP9/60/rSOw97UMwjXgRZBl2RKJbEEka4+RbI9cnPLLeOGSLqUZAr9wG"
    "sQm0mHcAn/0/AhOBCMucmIGP9p3cB733GdfRuD7dsb1V7CM+2Ry3FsUK8LgUWSAYVDxsKG"
    "NwFE+ziezXAwAdhgOb6IAvZIPYtBgUdUsj8tybw3R+j2EFrX4v+4THPEhGEvAPAff0ExvA"
    "/7zCT+/NIbc2Ya6u8e9qlxAynxnXvYln2ew8tK4KkMyIMJFHs1DUnVdFnOVV1PkcIMUT++"
    "Itn8VlNjJSahN5oq1wLaT5/O375TLXF2jDRdmO7MilrPl8A0K2zuutzYQxqsmzCL2TAdjN"
    "i8tFzT9GdxUOQBAwWO7bIQESMqMNiYuibO7t6/x66l46QmaiT85/A//qPFmmnaxeVQuz4b"
    "alov8zHgI6Smul+kA7AAE4cvAoH56vUbAaJKezjA6Y/HV88OXj1XEAjpTGxVqeDqfVWEMB"
    "O0iJ8RyoqbGZxPp9TOxzlon0IaHnQdjIOCCORoxQjgCwDaAqS9Gf2smcyawHJzRPZflUD8"
    "3+MrhfK+h7KABc5b/C78moGqQrAjcOG9mVkH3ZBgLXj9CdpQdF+8qALvixfF+GJdEmBY2j"
    "l0Z2cxHsISk49xnKYNMJegOjz7dYg9z6T8x4yD+ezj8a8K59nSr/lwefFD0DwG/umHy5MU"
    "5pJRk+WsGSfcovYyH/OIJoX4aOkw2SrMTxCxOOYA+cn5xfHVb/mgB+3j6/bJb8Oz4xTsSi"
    "rJm+knfHJuFcz1GFEKeHiT3YMdHhf++9d3g8HBwevBi4NXb14evn798s2LN9BWPXC26nUZ"
    "r85/OL9ITXksSCIPAoyhgXRVRxyJ09xDKGkY/vcRQb7EhUN8Y406WUTfQo3DZ6xgOicoU7"
    "gaPule8McOCiRla/n5x7Pr4fHHnxOLy9vj4RnWDBLrSlD6LC2shJ2QX86HPxL8SX6/vDhL"
    "cy1sN/y9h89EXUdollho1IhjEhQHRSnhRzqa+g7qMzpNuwFW786ntHOcjimHNdbHgGSTOl"
    "tzmbpifUQteHybq6EF+nMS2nfCZnxivWeexHUOz0EtneUA6htzPvnd7CakUWn0Kdt0EZoN"
    "4hMK3h3emDmernV8fXr89syzM4yofrugNuzMcaixRgxEqiRsm6yK+IIWmlu2zBHIfMpLiw"
    "0F/HPFTKpeu5A3P0dd7eQqluGOQns2mKUwnVGLTtRTYndI7APwjuqOsK+YLkA7W/ZybJGp"
    "Fv0ye+RYtdVsrzFnFa2S19DeMohHLT0rI7UZms1G8C+9ZRahC7rMWCaHqmVoOvxGoqku3t"
    "VEEGhxY7gM9rObPnEtk0loJWZsJIwlWUwFWvGgzRSKfLOesipaODbIkWwdo50FOjBuoCuM"
    "dRm4NCRcx2TXnI1gtfGukdtAv8RShwu8gcNm0C22J8VpWmixe3VYwaT06rDQooRVnW7yBC"
    "VWbyWuy+KIqmNvo9kbbHw1+Rsj6xjcOAZnVKQ6Ev0qdSqQ1besTDVBLNmwKpXVnGrI/T+J"
    "US9H2MfiUgn/bzGq6mog7FtPlF9Q9A/AU3JKFlDqcbDIxUDJ/Aaeq4+WIcERETAtvCN5EM"
    "At5XGADgQTweT3BLueALCqXv3V96ilPmWGa64lxMNUdNRM9HefFcI8IqNB03XE9+7E/YHk"
    "eI+hNYR4J28taoMEv/kzd+o4bDZ3ZBbhwlOyOMlax2SNw9g7JxvsH74+fHPw6jA8HgtLyk"
    "7FsidgnbjcOmkqc1LDbDvviLPMVyVO1QZPiuTSNKjksDIocVgZZB1WOnerLRpv5nRpCmpo"
    "63ioZGk7T5V1PVU6G9pT2DXQr3qpeScddaStDF2LPJM2J3GB5rmOyBWRdS4TTft47mXA2p"
    "zN5T08k/WWYQhCL8f2Eq/ul9lgbrEhcBlbVo77wINNL/BjSu8YMcUEnpFwK2OKOSZez/4x"
    "rCJSARghCREWvBs8vIFGFrTE6ELcchhW2EGJxRy03CiDDNrs/nUMU74wAOKP0Djo06l2aA"
    "2jSNb7K2Wn6Qwpj2pIiTGpqjgdI2mhRH34XQWJ+vC7QokaqzKur8Hkr4FykqqFQA9eVjFb"
    "Qati1fBlxnA15jYo1JIxa42NP0PcCc+N2/8zJpc1eZ2m7VjdaFaPhT0RjrPeZ52i7YT6Jn"
    "O6Oe5vzWVq5wfdpMP7B1M6P1JunrgG6Fq9HJ0zVtsvUzln0E4bqYYVNc4fxYLMMF4fSUGN"
    "xP9G4rPSJKfUyKid6AHgDYAx93j871PskXMoch2TY9YBDK4P0w5QUDMXYd4A0FZVrWHgET"
    "269VpCNfC6regCUKha5nqcl5wfeM03I4M/qvfKdg4PirXLMTzFOjt2RNbJZY3brRtigkNv"
    "M5gAQ3HLrLz1MFFfuiKivRfnEqwl0Lbioqj6lbjAmdy6lWhLg23CYbbMMcNhk28wdwjQoP"
    "+T6VnWYAGd9pU3FS6SyjqnEpXAj7lrA69g3IkQhvKYUlW+59WUr+cHFZeUvAFWuUKlsFmV"
    "iAQludh4U5zi/iped6SpvzLUdcBS5BpCW2eNT1J1S33tpT6YTzUwj5G00L51MKgA+cGgEH"
    "KsSiWNcEd/M72WFTFG0kLnkpdVZjW0KrEgZvwfEktWDaTTdO2D+2BQxZcHWpVM6Ywvz2ip"
    "xc/AsoifCGEyauWDnkOd9jgB8m0tJWHJA7ucXF5+SMiHJ+fpjDOfPp6cXT3bV4yARtxTX7"
    "Mn5DabcBwVn66m0SWHtMvR0fnwPBEdKOHD83nOobs12Jyk7NjcaDZ3hunOMN0ZpvNNMa4z"
    "Ep/RAN3LM8REtf1SM4xqp6GtuKIN5oNncIlC0/yQM+l7TaStMKp5nyxsjseBaLJBKzMMYk"
    "nq+fGonrAfZppo3Nkjv/glKpMEx6wU6NvsJ6Xlc+YbZ7jjVRY7RlWKTzOp5UWdubYyWsUE"
    "gVXmkxh6WkBezUoTzKo6I9SzA9lM53PucyV8WfWUdQb1jxGqj2sIILHuN2jURxcK2EQPti"
    "4UsAsF3DXH9C4UsM2aQhcK+GChgJ5IVwvmkKKFy//mzxwSkltVjBNELYR5KwcPIPpPXNCv"
    "6q0ZEU0LcX5TAeU3hRi/yXXEfwwLTsPW5c1Yt++o6TK5VpxwhrQLE+7ChDuJsliiRLvSGj"
    "yOkXVO703mb2D2SzL3ekZNs1DLDmgeTsPe39am76nXB4PXr0LNGn+UKdXXH48/fMhq1oHh"
    "M70XFd/uEVA8HIwvtgvjA1/sEZlHqwqtEcXDiay9bdk004rBy0qKwcsSxeDl87yTssc52A"
    "lyquec6sTSrRcf6fjp3evcaBiQeLHtIya5wQgleuIaxcTBjndCI/2zH+UP5N3153cVdBLk"
    "GYS6m9jdejd9svCuAMSbD92RyXUCVH0VFq+OefwLgDCPubrgUKUqh56+kYQbOPKMGngtob"
    "op0QtccDGzocN16uBFgxQPk7A8eKJnN3isx42b530ihXfjIJd+znI8T7pvhEP0fjUVngxh"
    "l1C89PTB42MW4eKr0yKKVmjsZWLYNm5Os+e5eJcYo+ZtgntL+03CJRO2DneuMZNPOIKQFa"
    "dKXTKz1A/okvlI2v3mPDIRPtDK3fkasId0HeDVAXfvNG5x3PC4zLVjlaGeJe6grw69waW6"
    "LYXWX2XSpOvBvjsWjQ2irtyd5sLOO9IviY9KULVwK92vFN2wXxLdsJ+NbqB04taTvyOKzm"
    "M0E/4k5wxeYB1rd5q2M4c2zRx6L4tHnuKbnSI176c4TXS1i7ruSn/ijLa/7bsqrmJRQ70c"
    "q1Kivl9mWorHH1W0L8U7V5Hbfrge8z2ILaEuksO0FoDcmNuYFnHJcl2JKRqE4s+g+rOIa0"
    "Wk0VV2/kBH6pI6vwGajdA2hWWYztWzIjlTLjEAXBmaMFvGHKPMLaFu1FD5M0ZMF7Nk+gwY"
    "AS1LC2EbymClLFeL4G6NsAp6nvA7KA0sSmTBnSmhKjz9nuHk1R2VE4yr6UccC5ipNYpPVz"
    "JQ58T7qGY0lfFD/aghkyaIOoe5ag5zj+Fl1GiYN+xkhCkkYB0MFt06OOeQtlDR2orNsvOD"
    "WWfB3gnFoAu1fXJs7kJtu1Dbx1aNGxpqe8101+bO8uyOWblpIJMN+mUqtPSbagzb1nHSmE"
    "KnwHYDfS58HVQqzVMG6liKFyonZDAeUePtkcsgEyRqqYj3UXAhpLrI3RLWciZcuUculH48"
    "FQCQ79ah9FmVC00l7now5TUFWU31df1xklJKtdG8G+lXx/Wmx1J01YfxWb7GQD5l9aFsBg"
    "yWzhpD+ZSdAaCpBgAFVQbnkvMov30LFaTN3+nWaUdPQmyOrcQ1VqwkVRfllDrBDTbRGojG"
    "aTo8k3jyHMem4lWe57kztcDmeFjFBHZYbAE7zBjAHu2SoUbjvJU7hmJSaA2ok1Ttg3rzUo"
    "vBHD9nVBLjn64vLwq8wkKKtKTCdYf8j5hc7mL6kRJgEYuEeJJxsU57U6eWaOwg7WLdxUm3"
    "xvrWTEQTxrfgAXbC+gY8gvd7nx8SFavtl9rdvHZa9cgo6JLMKQ9S3WEHaHfDu1GiOwtSLi"
    "q3Ps0eGWLkkc3vYJqQKTXHaF1jlm4v5zBviAtTAQ1p2B7+4ndQNrbFjFyfnV4Bv9+f/fa9"
    "F7zkxUYFPaifeGB579tY6m2kt5uM5nhSKfqpORE2d6azOnAniFpobdl8xjTvO9H+XuTcql"
    "osuySpOvnlHvKLv9Zp4RqX5UNZdpJc8jUzlOwQK7oUJU3ixs4ZHzGB7h3TUHKoy+cUaeeb"
    "32Q+28ADe63POUnZcblpXL5XBMYGdSyHOiDncL2Xp2KFlf1SDStoVuOGSzHGnOBSzJjytQ"
    "99HPpktCRT4doZHauMCpOL4z1uSEieoYPDiE24hXpfn3wanj7vE4xfJNQ0oamn7csiTeqP"
    "XjC+guOvqppVnmJVlgsnV7PKyYTjf3jNVaweMBNOsboV8KzOGhnQdMJO45bH+CZYN1LhXk"
    "EKTWPktu3+KjtkvYUrJGlTuvEHWL4asuV/ssbcUrbEKzYTwMy8rT/bqFQEcMPmmu21rygL"
    "vFXGZiPya1xMhVS3hMAOjTmgYCfHnd6h/sWySburFV5i7d9KIolnvjaOlJ8jB4ECarkZBP"
    "UR6Qibqeg8k419Mnx39Iu8r221c157COe1zsTR2l2/KSukVN99dlH0jwFL1kHpX0m9euU7"
    "9le8vncDtQpJDi/cKVjl9shlsu0RuWH4543y4fYjjvt+oaajVzfXqVe98DP36WI2p7gGog"
    "u5N3PX8ehOfkyrnYQVNDHXav/AsZovsrquwRSg09UcLyIsGaxb0B91QVeTtY6AHxK0UMLf"
    "ym0HqeWgNtZJ0tYdBm/lruUuyD5ncndB9g8B84aD7GPpe7U72FT9KKIk1oXWggLq1mQA39"
    "g9ZWPlyZ6TJ648M32MrDWYbiI5PVexdSAP5xi3ypIdJugeMMFksP3tbKpDAE66oJvk+1yu"
    "wjxB+oCwhyU7i7snocHSymGgujlVs8Qd9jWwDyKwtTtqctBqx7n34626Nya/j+7Mvmnmqc"
    "7R6smx2Z0ba7I5Sdl9zE3mcsa8WIfRGeKO103jdY1zhVy1N0eo8onfvb9iZphAdRupbZvB"
    "+kwGn8T3o64BgrHvuM7uCdZ77Oqt6qmtaAmLabgOaFE00fp4YZpl6Gso/PPxNgKWyT68Pl"
    "zplMdthCsn09T6gGUyXO3kzpUFrNb5cdpIp9lMXYixLMY2SH++GuF3qsurWI8tgrjGqfsx"
    "s7k+7eWcu/s1/bKTdxq1WXX0XvxmG/b9eSquv/c0gRefDBeeNhSf7BQfMbTjdHgL6Xzxo6"
    "qBsN+8hejuVzqe3C85ntzPHk/CiE5uopji6NQYSReaWjM09VFdyL7+H2XJKXU="
)
