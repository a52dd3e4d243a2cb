"""Services that may ask about tokens.

Old and new instances run side by side: an old one has no calls for them.
"""

from tortoise import BaseDBAsyncClient

RUN_IN_TRANSACTION = True

POSTGRES = """
CREATE TABLE IF NOT EXISTS "oauth_clients" (
    "id" VARCHAR(64) NOT NULL PRIMARY KEY,
    "name" VARCHAR(64) NOT NULL CONSTRAINT "oauth_clients_name" UNIQUE,
    "kind" VARCHAR(32) NOT NULL,
    "created_at" TIMESTAMPTZ NOT NULL
);
COMMENT ON TABLE "oauth_clients" IS 'Services that may ask about tokens';
CREATE TABLE IF NOT EXISTS "oauth_client_secrets" (
    "id" UUID NOT NULL PRIMARY KEY,
    "hash" VARCHAR(64) NOT NULL CONSTRAINT "oauth_client_secrets_hash" UNIQUE,
    "created_at" TIMESTAMPTZ NOT NULL,
    "last_used_at" TIMESTAMPTZ,
    "client_id" VARCHAR(64) NOT NULL REFERENCES "oauth_clients" ("id") ON DELETE CASCADE
);
CREATE INDEX IF NOT EXISTS "oauth_client_secrets_client" ON "oauth_client_secrets" ("client_id");
COMMENT ON TABLE "oauth_client_secrets" IS 'Secrets of services that may ask about tokens, as hashes';
"""

SQLITE = """
CREATE TABLE IF NOT EXISTS "oauth_clients" (
    "id" VARCHAR(64) NOT NULL PRIMARY KEY,
    "name" VARCHAR(64) NOT NULL UNIQUE,
    "kind" VARCHAR(32) NOT NULL,
    "created_at" TIMESTAMP NOT NULL
) /* Services that may ask about tokens */;
CREATE TABLE IF NOT EXISTS "oauth_client_secrets" (
    "id" CHAR(36) NOT NULL PRIMARY KEY,
    "hash" VARCHAR(64) NOT NULL UNIQUE,
    "created_at" TIMESTAMP NOT NULL,
    "last_used_at" TIMESTAMP,
    "client_id" VARCHAR(64) NOT NULL REFERENCES "oauth_clients" ("id") ON DELETE CASCADE
) /* Secrets of services that may ask about tokens, as hashes */;
CREATE INDEX IF NOT EXISTS "oauth_client_secrets_client" ON "oauth_client_secrets" ("client_id");
"""

DOWN = """
DROP TABLE "oauth_client_secrets";
DROP TABLE "oauth_clients";
"""


async def upgrade(db: BaseDBAsyncClient) -> str:
    return SQLITE if db.capabilities.dialect == "sqlite" else POSTGRES


async def downgrade(db: BaseDBAsyncClient) -> str:
    return DOWN


MODELS_STATE = (
    "eJztXWtz27bS/isYfUkyo/rY8jXuO++M7TiNTy7u2Mppe5oODZGQxJoidAjSiqan//3sgo"
    "R4p0hJtimaXxKLwALkAxDcfbC7+Ksz4QazxM6Fwwxmuya1Oqfkr45NJwz+yCjtkg6dTsMy"
    "vODSgSWr64t68jodCNehugtFQ7jE4JLBhO6YU9fkNgr8MqYu8QRzBJk6/IERd8xMh1Bd55"
    "7tCjIz3TG2ZHAdmjLtEQpd21gPfsC/IC4FBaG2EjslJohOqRAz7hhdKDHIDGqyB+YQuGVG"
    "dD4BCZcHnZouVCIOnxFG9fHON/ubfbZoTd4D91yooZokYyqIzYnw9DGK7ZC7e9M27oigc0"
    "HG0A48BnGYcIkp4H+6uAkTBIamxQgffrPv4LkfTJ39IwLbP+5kfQH3tEOuh5FO/SY4XhIM"
    "JFwy5A48CSDaxf4chp1xwAav44NIYE/lvRgUxogK9s0WzH9yhG4HofVs8z8e01w+YtgKAP"
    "z7H3AZnod9ZwJ//tUZmswy5N8dbFMzDZTEZ+5gXfZ9Cg8rYEyFElcTKPJoGorK6TKfyrKO"
    "FIUZIn/8jWLTe032FZuEfm/yuqZkv369evde1sTZMdB0bnkTO6w9ncOg2YvqnmcaOyiDZS"
    "NmMwemgxGZl7ZnWcEsVpd8YOCC63hsgYgRXjDYkHoWzu7O/w09W8dJTWRP+M/B/we3Fqmm"
    "aV+u+9rtZV/TOqmXAW8hMdWDSzoACzCZ8EYgMH/77YaAyKsd7ODiw9nN6/2jNxICLtyRIw"
    "slXJ2/pSDMBC0czxBlOZopnC/G1MnGWdVPIA03ugrG6kIIcrhiKPgUQI8AaWdCv2sWs0ew"
    "3JySvaMCiP91diNR3vNR5rDA+Yvfl6CkJ4sQ7BBceG5mVUF3IbASvMEErSm6u7tl4N3dzc"
    "cXy+IAw9JuQnNOGuM+LDHZGEdlmgBzAar9y1/72PJEiP9YUTBffz77VeI8mQcln66//KSq"
    "R8C/+HR9nsBcMGqxjDXj3LSpM8/GPJRJID6Yu0w0CvNzRCyKOUB+fvXl7Oa3bNBV/ei6ff"
    "5b//IsAbvUSrJm+rk5urJz5npEKAE8PMn2wQ63C//98LbX298/7u3uH50cHhwfH57snkBd"
    "ecPpouOisbr66epLYsrjhTjyoMAYGmhXVdSRqMwaSknN8F9HBfkrqhziE2vUTSP6Dkpcc8"
    "JypnNMMoGrEYjuqD+2UCEpWsuvPl/e9s8+/xxbXN6d9S+xpBdbV9TV10llZdEI+eWq/4Hg"
    "T/Lv6y+XyVFb1Ov/u4P3RD2XazafadSIYqIuq0sJ5Ue4mnwPqg90UnYDQ709r9LWjXTEOK"
    "ywPiqRTdps9R3UJesjWsHD+0wLTdnPcWjfc4eZI/sj8zWuK7gPaussA9CAzPkaNLOdkIZX"
    "w1fZobMFbRCdUPDs8MTM9W2ts9uLs3eXPs8woPr9jDrwZY5CjSW8xxNXFnXjReG4IENzz+"
    "YZClkgeW2zPod/bphF5WPnjs3PYVNbuYqlRkeiPelNEphOqE1H8i6xORQOAHhPdZc7N0zn"
    "YJ3NOxlcZKJGt4iPHMq6muNXNllJVvIW6tsG8aWFzzJShyFtNoB/6T2zCZ3ReYqZ7MuaC+"
    "rwlUCqLtrUiBOocWd4DL5nd13i2RYTUItP2IAbczIbc2TxoM4YLgW0nmQVbewb9Ei2Cmln"
    "gw2MH9AlZF0KLg0FV6Hs6vMhWE7e1fIz0C1g6nCBN7DbFLr5fFJUpoGM3dFBCUrp6CCXUc"
    "Ki1jZ5gRqrvxJXHeJQqh3eWg+v+vBVHN+IWDvAtRvglIlURaNfZk4pXf2Rjak6qCUbNqXS"
    "llMFvf9K7hK7mRr/oqxQ1zf9WqWV/DPlYwDKNkclWjoDQCtK4+dTZoeeCKiJp/T9iJeAVP"
    "zj7XSJZdr3zEC7AfflsYlTVPGlI4LFR4KYdrh1D+jib/wpXRDuTCE85tzJff874Q3+ZLor"
    "fQwCRwLVtYluBl1/2x9bfn0Nd371jlxw2wYR+B862NvZ7aI1IjepD3eO3/woHQPgVUNrAP"
    "tHF4lvNl5UDwB9mQZBCq4b2D5izGe274mAD4s+GCA5hNswyGAunRa+BNf5kETbeoVeB2A4"
    "ya4EmBnMyLNkfu/4T47FwWN3/ijjk7DEvAlnSOuKUGsDR82ZKgZOVKaBBs5+r4SBs9/LNX"
    "CwKG7ghO9YWYhDiQYC3Ds8LIEw1MqFWJYldsiD1asCyBGRFuVyKLMJNSs51ywEmuD1kVwn"
    "yjjXQK2ClSLlXNNyIat8ALfClmr3aV/iSNeHnq/voLb7tHUiF1bfp61IRPyTDzoZHARe7h"
    "bRD3/yQdmYB+7c+wzDjGKgAtrtlMzgqj/eebEO0gA3kEgAS1sJnBIOk8i3yMF+tmXoA0Yy"
    "jDgTPxJsegSDIMvlX11fWuhjZnjWSruJMHFdnwvxafAlZjcio0HV1t6uq729GNAKu4lu1s"
    "rVBBNl887/1HXZZOqKNMK57rpRkZX8dWuHse+w29s7OD442T86WPjpLq4UueemXXHbfbtG"
    "K6jSnGCOk+VrXRQ0E5VqnnHfKxU50yuInOmlI2fauK9H9CKZ0rnFqaGtEiqTlm1DZlYNmW"
    "kJrJfw1cDdz7nmu1xW0bZScg0KkdqcxgWW5yoqVyjWcoJ1e3nW8qTZHOfyEe7JfscwF0In"
    "g3uJFneLOJh7rAijjDVLJ6BA7ws/A8WYPjB0y4B7JKadomLOiN9y4A8uhWQmiIUI4TY8G9"
    "x84AwhiM75vQndckddsZmLzI0kZJDh++EMpnxuJobfF2RiICfrIXNGUSzlFtESKc9KpEQG"
    "qaw6HRFpoEZ98LaERn3wNlejxqJUDK6a/BVQjks1EOjeYRnaCmoVbKyniKuh6YBBLRizV/"
    "jwp4Rb5bl23/8U5bLiWCdl26Gu9VAPuTPirrvaa52QbZX6Oo+0/L+KNhLUbx53uve2jAcl"
    "1Mrf2Hmb8qEU/pZnRVeKuFSbFCSBKUzOTKqUc4tROwfShVCSIwWpx/raLK5Escy2MzdCjl"
    "5ff4qtO+dXySRNXz+fX8IkljBDJdP3qMhMZNP6/6w3ZVv/n2b6/3ympnXuGSPmdjKoqEhp"
    "t4iJQgdjbSArliSiPvAZmWA+URQlVP434N8lwTSmRoqNQscgvwOMtEGvoEBih1zBJc+1TM"
    "yKKmN8VFpUSmw2i0YsJSKAbC4r+M2W9AzKZZwyM2IUbCv61Tdjmj9rdN3j7Cnmk05DuItV"
    "FPlQrDXXaqfE14SZvz7z3PGFZTI7czmMFheuhxwecKzpsmbpJCwyOXIQjDmhc0LFPaEDTM"
    "XsRxJmMPRBRmUVfCjgdgmfwcz1W/lEXX0MKw3BnQLRVZz8nX9j8DW6k5GXV3gNH/XOj250"
    "yJTxqcUkaY8/Jwz61EU87zPGT2IsJt6qwXG1vYNJwD1HZxrelwzlFPdYUS6mKh4SNNdv9o"
    "hzg7y+eX9Bjo+Oem98h84xo47AZwkshgALZueGTq6zHVAQ+LVBh48XtTQ/qfn9EqBu3Zae"
    "JDa09ZdpFYuYg7g8cCDDpUZluHv/cXluu4iycCvb297Rz05z9wRKWABcsSoWoltOIdMiw1"
    "sqOR5W9tWSZSoa6DFovooxy9bW5DkW8kwL/1Ze+RKolN1+OPuhd3iEh3lIIxj+Jg5oRXxC"
    "BlDeJYJHc1BgbIvvdzHyUFuyR1KV68+4so/9HuRtDkCVQ/tYNhK4cyjVUac2lo+gWCbnkC"
    "axjLqR6ffkJW4Z8hJoYmKVCJqFvrksdiZrmIKfcjjbcJoaeoHgfK+imqj6rda3VOtrFZPG"
    "KiZtJPpLHOnwS1hhwYwJNdCg28y6WbBDFWoQa+5RJQjALUO97FZVbL7VabMKkxXCEtZHXb"
    "uTZRREy4vtARu0V6iqhdTqclOg7xOYoF9jojuZzQ6AcZmTpexjFZUEDqPWLZ97ReXHz12H"
    "CrX0qZbn3MGPqefAcgP9SnIU49wXBCzFFHirRa9HN7L9DpYq4XFsliWPw+Ut0t8YX7Bgk6"
    "1qT+Ng9auq50txraoeGpdqtdHKdK+aTxUwj4g08EO2eWbyGTKq1Uz7S/p9l5nVUKvA7ztl"
    "ZcWWrApIJ+WaB/ejpFcbzLVo5FIGy1rk+pYh/dw+cE8QKLw5XziHjUzs1a3uyJkh2npzto"
    "TNCzTjQac1obkVhjku2Q5zrYe59Rtu/Yafm4ypqd/wtecO+Hf0D+5kETFhabeQhpH1NHTl"
    "LcnBfPIJlzChoMrUH1BySRZGVu+SmWNiEFdwAAEATW1B/X03N/Bjc5llIbmzQ34Jrkg3N0"
    "zfLzPS+D5qM3PKAnJGnkMgO14rq6BFbT9XoOdI0iqiCCyjTyLoaUq8HEtT8giBWA/VeCCH"
    "6eZUEaWLh5V3WaXTwMu7fL8GBxF7vU7DNtod5zruOLcJHNsEjtuWTqhN4NhkS6FN4PhkCR"
    "x9la4SzAuJBi7/m99ziGluZTGOCTUQ5kfZeADVf+SBfVVtzQhlGojzSQmUT3IxPslMn/Qc"
    "DE7N1uXNsNsP1PKYWCm7a0q0Te7aJndtNcp8jRJ5pRXGOCLWeoLWeXwV7Rcf3NsJtaxcK1"
    "vJPJ2FvfdYH33fvN7vHR8tLGv8UWRU334++/QpbVkr4jP5LRrlwqgkng7G3ceF8W2vt79/"
    "3NvdPzo5PDg+PjzZXYCaLiqC+PzqJwQ49lJkpUZW9GhZpTWUeDqVtfNYnOYjHfFYkxQIP1"
    "MhMDlJxq6OKuoWbelM/Uql8xFTlygRPyPxgAnTYBgi5zB5gjG1Uhs7/g6NCPZ+pD+QH1YX"
    "NKUaUadDQdld2Jy462JSAscvn3oDy9QJSHVlMmO5zSNTxqBvbnA4dR87hJZeCWIa2POEGj"
    "LtgsyCIPPKeHgelWvq1OUO0SluJskDoYM7en2H23qmcfdGRuExqo/lE8j7wP2kdXMchM9X"
    "0eBJCT7thkRNrZ783Qd/HNMI99n3nA9OKNEIi71IDbv8tR/TwNQyl23zqOqRZfECzaAEIT"
    "WtGDCzEGgE3E9wpDB+OrypxixzZCIIaXWq0CUzLf2ELpnPZN1vziMT4QOr3JuuAPtCrgW8"
    "QjrIB820TfzgmaJy6s20cAt9eegNU+j8AXCpvsokRVeDfXsYjQ2iLt2dptzJ2tIviI+KST"
    "XwU7pXKrphryC6YS8d3UDpyKumf4cSrcdoKvxJTBk8wCpsd1K2pUPrRoeuxXhkGb7pKYIR"
    "wRz+KelLfBFrahtt3eXB3Ulrv4RX8VqE0k0kaqiTwSrFyrtF1FI0/qgkvxRtXEZuB+F6Ko"
    "mTzQfcmMuES4Dc0HTwMKs5y3QlpkgIRe9BtmcTzw5Fg2TDr4Tq6JTMxly1LVQ2JriGh/D5"
    "LJI7NgUGgAe5OAmfYpR5kOtJpjceMJ1P4tmNoQdklmbcMSRhJZmrmToRfVGEmaL8zE4Bo0"
    "RmpjsmVIanrxlOXt5ROTZwFf2IIwEzlXoJ5Ao6ap14n5VGkwmZq2YMjQm1DnPlHOaew8uo"
    "1jBv2MlIJvwzNLXoVsE5Q7SBhtajcJatH8wqC/ZWGAZtqO2LG+Y21LYNtX1u07imoba3TP"
    "cc051fPuQcSxGv0C0yoUVQVWMP5Y+mkN4WY2iUYcphlysbVEjLUx3WkDKZ8cge1R+R/e2Q"
    "a3VQD1qpiPcpGrV2EEtLbW7PJ9wTO+SLtI/HHAAK3DqkPStzocnEXU9mvCYgq2i+rt5PXE"
    "sp15ustdbTqRbK9Rc52q9iP4Fk+a4cBiMtyiSRTnYVSLZMQF2ZADXnSm9MBfUbaCm1KaTr"
    "oWptnf7cHs26+d1HUIp4VaMkKtPiGcfTzPBwKjiFK8uvqQHk40EZLuwgnwo7SDFhUq0F26"
    "FaxG5cqnk49w7LJMaAWgWkYyo1RkQLrQB1XKp5UG9eazGYGySPimP8z9vrLznuYQuJpKZi"
    "6i75L7FMsY15SAqARSxi6knK1zrpVp1YorGBpK91GzDdGBqunojGWDh1A1tBw8EYwfN9zI"
    "6NipR2Cwk4v55WPkQKmiRTaqqcd9gAEnB4hnXuubD3gcwO6WMIkmM+wDQhY2oNkWZjtu7M"
    "pzBviAdTARk1rA9/mQ9wbejwCbm9vLiB8f54+duPfhSTHySlWpA/cedy7VOzq31I79ujWV"
    "fM1U+tEXdMdzypAndMqIFsy+ZTp/nvifbn7L6K7hKXavWXNfSXYK3TFmtcehyK0pRkiq+Y"
    "qmSLhqLNVVKn0dg68hEz6T4wDTWHquOcEG2d9Os8zg6MgbPS6xyXbEe5bqO8VijGBm0sl7"
    "qg55h6J8vEWhR2Cy0sVa2kffVB5ofA5OCCT5h/wLJydujiActj7jkpG6tICrOM44FuKEhe"
    "o6fDgI1MG+2+Lvnav3jTJRjISKhlQVXf2s89V/n3jupfwvFHWcsqy7AqSoqTaVllpMQJXr"
    "z6GlZPmBKn4EzkYMyqrJFKplV2arc8Rj+CVUMW1opWqNtAPjbvL9NEVlu4FiJNyjv+BMtX"
    "TT75X+2haUsu8YZNOAxm1qc/XalQBfAW1TXHr19SF3gnyWYjdHCcjbmQx4XAFxqTQcGXHL"
    "/0Lg1OmI3zrrYSVMeTCOLT18apdHg0QaGAUtNS0X1EuNxhMkzPYsNADJ8dHSTX5VZb57Wn"
    "cF5rKY7GfvXrskIK+d6nF8VgG7BgHRTB2dTLV76zYMXr+kdRy9jkxck7OavcDrmO1z0ldw"
    "z/vJPO3EHocTe4qOno3m3q1C+eBSn8dD6ZUlwD0Zfcn7mruHbHX6blTsISmoiPdbDhWM4X"
    "WZ7bYHGw6Sr2FwoWdNYu6M+6oMvJWkXBXwg0UMN/lGMPEstBZazjoo3bDH6UQ5fbaPuMyd"
    "1G2z8FzBuOto/k8dUe4KMaRBHFsc5lC3KkG5MKfGMHlg2lJ3tGwrjiFPURscZguoks9abQ"
    "/K3ODHKrKOthTO4JM02qz9/W5jwE4IQHtkm2z+UyzGOiTwj74srW4u5raLC0mtBR1eSqae"
    "EW+wrYq1Bs7YFaJli1w8yD8pYdIJPdRrtnXzd6qnW0enHD7E2NFYc5Ltm+zHUe5RS9WGWg"
    "U8LtWNdtrCvsK2SavRlKVSD8/uMNsxaZVB8jx209hj6Vyieu+svnc022JlJXfjvzpuIkz0"
    "2Cvh9MfV2oPmJT72RLTUWL20zD9VILo65WxwvzUkNbfR74ETQRsFS65tXhSuaIbiJcGam5"
    "VgcslRJsK7/wacAq7bMnyUzNYfIEkXk+tipf/HKE38smbyItNgjiCt4JZ8wx9XEnwz8hKO"
    "kWeSjQsM4yF4X8J9uwj9RLcZFec6sgfwc9d1cmfwcsfyumGbvoj5D/GF+qCggH1RuI7l6p"
    "bdy9gm3cvfQ2LvToZibUyY/ijYi0IbwVQ3if1dXu7/8BQiw34A=="
)
