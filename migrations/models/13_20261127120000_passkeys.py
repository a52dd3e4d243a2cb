"""Passkeys: what they have beside a credential.

Old and new instances run side by side: an old one doesn't look at the table. Whoever sets a passkey up is asked for it
by the instances that know of it; the others ask for the first factor alone, or for an app's code where there is one.
"""

from tortoise import BaseDBAsyncClient

RUN_IN_TRANSACTION = True

POSTGRES = """
CREATE TABLE IF NOT EXISTS "passkeys" (
    "raw_id" TEXT NOT NULL,
    "rp_id" VARCHAR(255) NOT NULL,
    "backup_eligible" BOOL NOT NULL,
    "backed_up" BOOL NOT NULL,
    "uv_initialised" BOOL NOT NULL,
    "discoverable" BOOL,
    "transports" VARCHAR(120) NOT NULL,
    "aaguid" UUID NOT NULL,
    "suspended_at" TIMESTAMPTZ,
    "credential_id" UUID NOT NULL PRIMARY KEY REFERENCES "credentials" ("id") ON DELETE CASCADE
);
COMMENT ON TABLE "passkeys" IS 'What passkeys have beside a credential';
"""

SQLITE = """
CREATE TABLE IF NOT EXISTS "passkeys" (
    "raw_id" TEXT NOT NULL,
    "rp_id" VARCHAR(255) NOT NULL,
    "backup_eligible" INT NOT NULL,
    "backed_up" INT NOT NULL,
    "uv_initialised" INT NOT NULL,
    "discoverable" INT,
    "transports" VARCHAR(120) NOT NULL,
    "aaguid" CHAR(36) NOT NULL,
    "suspended_at" TIMESTAMP,
    "credential_id" CHAR(36) NOT NULL PRIMARY KEY REFERENCES "credentials" ("id") ON DELETE CASCADE
);
"""

DOWN = """
UPDATE "users" SET "factors" = "factors" & ~2;
DELETE FROM "credentials" WHERE "kind" = 'passkey';
DROP TABLE "passkeys";
"""


async def upgrade(db: BaseDBAsyncClient) -> str:
    return SQLITE if db.capabilities.dialect == "sqlite" else POSTGRES


async def downgrade(db: BaseDBAsyncClient) -> str:
    return DOWN


MODELS_STATE = (
    "eJztXW1z2zYS/isYfWkyo3Nj2U5S9+Zm7MRt3SR2x1aub+nQEAlJqClCJUgpmlz+++2C76"
    "8mZcmmaH5JLAILkA9AcPfB7uJLbyYMZsq9NzYzmOVwavaOyZeeRWcM/sgp7ZMenc+jMrzg"
    "0JGpquthPXWdjqRjU92BojFcYnDJYFK3+dzhwkKBX6fUIa5ktiRzWywYcaaM24TqunAtR5"
    "Ild6bYkiF0aIpbExS6tLAe/IB/QVwJSkKtQOyYcBCdUymXwjb6UGKQJdRkC2YTuGVGdDED"
    "CUf4nXIHKhFbLAmj+nTvk/XJOglbU/cgXAdqBE2SKZXEEkS6+hTF9sjNLbeMGyLpSpIptA"
    "OPQWwmHcIl/E/Dm+AgMOYmI2L8ybqB515wnX0bg+3bG1Vfwj3tkctxrFOvCYGXJAMJh4yF"
    "DU8CiPaxP5thZwKwwev4IArYY3UvBoUxopJ9siTznhyh20NoXYv/4zLNEROGrQDAf/4Fl+"
    "F52Gcm8eeX3pgz01B/97BNjRsoic/cw7rs8xweVsKYykA8mECxR9NQVE2X1VyV9ZQozBD1"
    "4yuKzW811VdiEnq9qetaIPvx4/nbH1RNnB0jTRemO7Oi2vMVDJoVVnddbuyhDJZNmMVsmA"
    "5GbF5armn6szi45AEDFxzbZSEiRnTBYGPqmji7e/8eu5aOk5qonvCfw//4txarpmkXl0Pt"
    "+myoab3My4C3kJrq/iUdgAWYOLwRCMxXr90IEHW1hx28+enk6tnBy+cKAiGdia0KFVy9r0"
    "oQZoIWjWeEshrNDM5vptTOxzmon0IabnQdjIMLEcjRihHAFwC0BUh7M/pZM5k1geXmmOy/"
    "LIH4vydXCuV9D2UBC5y3+F34JQNVhGBH4MJzM7MOuqHAWvD6E7Sh6L54UQXeFy+K8cWyJM"
    "CwtHNozs5iPIQlJh/juEwbYC5BdXj22xBbnkn5jxkH89mHk98UzrOVX/L+8uLHoHoM/Dfv"
    "L09TmEtGTZazZpxyi9qrfMwjmRTio5XDZKswP0XE4pgD5KfnFydXv+eDHtSPr9unvw/PTl"
    "KwK60kb6af8sm5VTDXY0Ip4OFJdg92uF3471/fDQYHB68GLw5evj46fPXq6PWL11BX3XC2"
    "6FXZWJ3/eH6RmvJ4IYk8KDCGBtpVHXUkLnMPpaRh+N9HBfkSVw7xiTXqZBF9CyUOn7GC6Z"
    "yQTOFq+KJ7wR87qJCUreXnH86uhycffkksLm9PhmdYMkisK8HVZ2llJWyE/Ho+/IngT/LH"
    "5cVZetTCesM/enhP1HWEZomlRo04JsHl4FJK+ZGOpt6D+gOdlt3AUO/Oq7RzIx0zDmusj4"
    "HIJm225g7qHesjWsHj21wLLbCfk9D+IGzGJ9Y75mlc53Af1NJZDqA+mfPRb2Y3IY2uRq+y"
    "TZchbRCfUPDs8MTM8Wytk+s3J2/PPJ5hRPXbJbXhyxyHGkvEQKSuhHWTRdG4IENzy1Y5Cp"
    "kveWmxoYB/rphJ1WMXjs0vUVM7uYplRkehPRvMUpjOqEUn6i6xORT2AfhZjHo5BCRe7pcx"
    "j3+LUVXKUdi3HnG4pMgTIltGyRKueq9FEdUoyIgRA/m10SoUOCYC3jWPmnOmzFLMIxKJE8"
    "Hk9wSbngAaqlz91fekpT5lhmuydRg4eL8d9XobIARfxTsYOERGg6od89ZU5i0c0KrkUCjQ"
    "cW8VuDfqOGw2d2QW4UJrOS6ylrncOIw9e3mwf/jq8PXBy8PQTA6vlFnHWUvYX3pqKvORVG"
    "exNVqPV1YXs+08qqOMs45LtYFRTS5Ng0rE9aCEuB5kietu2yXE9+VhBXhfHhaii0VJcOd0"
    "ZQpqaOsw1VnZjrFel7HueL6n8NVA/4oVvC/wiEYdbSsj16Idis1pXGB5rqNyRWIdddq0ly"
    "fD9W2ImqrJubyDe7LeMnRF6uVwL/HifhkHc4sVYZSxZmX/L/Rb8hzApnTBiCkmcI+EWxkq"
    "5oR4LXvcDVVCyhErFCHCgmeDmzeQZEEmRhfilkO3wg6uWMxB5kYRMkiE/usEpnyhI9SfIe"
    "fqy6l6SDBSFOv9leJpOiLlUYmU2CBVVadjIi3UqA+/q6BRH35XqFFjUWYLPJj8NVBOSrUQ"
    "6MFRFdoKahWbhkcZ4mrMbTCoJWPWGh/+jHCnPDfu+5+hXNYc67RsN9SNHuqxsCfCcdZ7rV"
    "OynVLf5JHu/CE6f4in4g9R0+j8QLl56hpga/VybM5Yab/M5JxBPW2kKla0OH8SSzLDuB0U"
    "BTMS/xuJz8qSnFIjY3aiB4DXAcbe4Pa/L7FHzuGS65gco48wyCYMP6JgZi7D+CGwVlWpYe"
    "AWPQbpWEJV8Jqt6AJQaFrmep6U7B941Tejg99tVu7c5kGxdTmGu1jnix2JdXpZ477WDaHg"
    "0EMMJsBQ3DIrbz1MlJeuiMj34lyCtQTqVlwUVbsSFziTW7cSuTT4TDjMljk0HFb5BmMIQQ"
    "b9n0yPWYMFdNpX3lS4SCp2TgUswo+5a8NYQb8TIQzlMaWKfM+rKV/PDyquKXkd3OUKlcLm"
    "roBE1ORi/U1xivureN2epv7KUNcBS4lrCG2dNT4p1S31tZf6YD7VwDwm0kJ+62BQAfKDQS"
    "HkWJQKHnNHfzO9FosYE2mhc8lRlVkNtUoYxIz/Q2LJqoF0Wq59cB8MqvjyQK2SKZ3x5Rmt"
    "tPgeWBbxUyFMRq180HOk0x4nIL6tpSS88sAuJ5eX7xP64el5OvL044fTs6tn+2ogoBL3zN"
    "fsDrnNJhx7xburSbrkiHaxep0PzxOxgRI+PJ/nHJpbY5iTkt0wN3qYO2K6I6Y7YjqfinGd"
    "kfiMBHQvj4iJSvulNIyqpyFXXJGDee8RLlFomh9yJn2viTQLo6r3ydLmuB2IlA2yzNCJJa"
    "nnx6NawnaYaSK5s0d+9a+oPFVcEs+32U9OxefMJ2e44xUWO0ZVik8zqeVFnbm2Iq1iisBd"
    "9EkMPS0Qr8bSBLOqTg/1eCCb6XzO/VEJH1bdZZ1O/W2E6v0aAkSs+3UatdGFAjbRg60LBe"
    "xCAXfNMb0LBWyzpdCFAj5YKKCn0tWCOZRo4fK/+T2HhOZWFeOEUAth3srGA6j+Exfsq3pr"
    "RiTTQpxfV0D5dSHGr3Md8R+DwWnYurwZdntBTZfJteKEM6JdmHAXJtxplMUaJfJKa4xxTK"
    "xzem/y+Aa0X3Jwr2fUNAut7EDm4Szs/W199D3z+mDw6mVoWeOPMqP6+sPJ+/dZyzogPtPf"
    "ouIsv4HEw8H4YrswPnCC34geraq0RhIPp7L2tsVppg2Do0qGwVGJYXD0PG+n7HE2doLcij"
    "m7OrG0i8VbOn6axzonmwQiXmz7iEluMEKJnjhOJbGx4+3QSH/vR/kDeWd++E0FjQR5BqHs"
    "JnbGxk2fLL2jQPAEFHdkcp2AVF+FxattHj8ROKE2UwedDLFDaOkbSbiBPc+ogceTqBNTvM"
    "AFFzMbOlynDh44QnEzCa8Hd/TsBrf1uHHzvE+k8E4e4dI/kgT3k+4b4RA9X02DJyP4sBsS"
    "DbV6incfvHHMIlx8hEIk0QqLvUwN28YJCvY8F+8SMmreJri39L1JuGTCp8Oda8zkE44gZN"
    "WpUpfMrPQDumQ+knW/OY9MhA+scne+BuyhXAd4dcDdhcYtjh88LnN5rDLUs8Id9NWhN7jU"
    "xQJwqb/KpEXXg313GI0Noq7cnebCztvSL4mPSki18FO6Xym6Yb8kumE/G91A6cStp39HEp"
    "3HaCb8Sc4ZPMA6bHdatqNDm0aH3ovxyDN8s1MkOFOioi9x8gTXXbR17/Qnzlj7FbyK70Uo"
    "XcWihno5rFKivF9GLcXjjyryS/HGVeS2H67HfA9iS4yEsVJpLQC5MbcxLeKK5boSUySE4v"
    "eg2rOIa0WifjaLb2TQ0TFZTkXQNtJGyE3hNXXMrmKRnKl3Iq0imjBbxhyjzC2hTtRQ+TNG"
    "zD+KN0qf8U10dK8irBRztQzO1giLoOUJX8DVgFFS5/QSqsLT7xlOXt1ROTFwNf2IYwEztX"
    "rx5Uo66px4H5VGUxk/1I8aOmlCqHOYq+Yw9xheRo2GecNORphCAtbBYNGtg3OOaAsNra1w"
    "lp0fzDoL9k4YBl2o7ZMb5i7Utgu1fWzTuKGhttdMd23urM4WzMpNA5ms0C8zoaVfVWNYt4"
    "6TxhQahWE30OfCt0GlsjxlYI6lxkLlhAz6I6q/PXIZZIJEKxXxPg4OhERTlVrCWs2EK/fI"
    "hbKPpwIA8t06lD2rcqGpxF0PZrymIKtpvq7fT1JLqdYbDKOoEteb7kvJVe/GH/I1OvIlq3"
    "dlMxhg6azRlS/ZEQBNJQAUVBmcS/aj/PotNJA2f6ZbZx09CbU5thLXWLGSUl2UU2oHN/iI"
    "1kA0LtPhmcST5zg2Fa/yPM+dqQWc42EVCuywmAE7zBBgj3bIUKNx3soZQzEttAbUSan2Qb"
    "15rcVgjp8zKonxz9eXFwVeYaFEWlPhukP+R0wudzH9SAmwiEVCPcm4WKe9qVNLNDaQdrHu"
    "4qRbw741E9EE+RbcwE6wbzBG8Hzv8kOiYqX9Ut7Nq6dVj4yCJsmc8iDVHTaAvBuejRKdWZ"
    "ByUbn1ZfbIECOPbL6AaUKm1Bwju8Ys3V7NYd4QF6YCEmlYH/7iC7g2tsWMXJ+9uYLxfnf2"
    "+/de8JIXGxW0oH7ihuW9T2Op9yG93WQ0x5NK0U/NibC5M53VgTsh1EK2ZfMZ07z3RPt7mX"
    "OqarHukpTq9Jd76C/+WqeFa1x2HMqyk+SKr5mhZIeGoktR0qTR2DnyERPoLpiGmkPdcU6J"
    "dr75TR5nG8bAXut1Tkp2o9y0Ub5XBMYGbSyHOqDncL2XZ2KFhf1SCyuoVuOESzHGnOBSzJ"
    "jytQ99HPpktCJT4doZG6tMCpOL4zluKEieoYPDiE24hXZfn3wcvnneJxi/SKhpQlXP2pdF"
    "ltSfvaB/BcdfVS2rPMOqLBdOrmWVkwnHf/Gaa1g9YCacYnMrGLM6a2Qg0yk7jVse4x/Bup"
    "EK9wpSaNpAbpv3V9kh6y1coUib0o0/wPLVkE/+R2vMLcUlXrGZgMHM+/RnK5WqAG5YXbO9"
    "+hV1gbeKbDYiv8blVEh1Sgh8oTEHFHzJ8UvvUP9g2STvaoWHWPunkkji0dfGsfJz5KBQQC"
    "k3g6A+Ih1hMxWdZ7KxL4bPjn6R9+VWO+e1h3Be6yiO1n71m7JCSvXeZxdFfxuwZB2U/pHU"
    "d698J/6K1/dOoFYhyeGBOwWr3B65TNY9JjcM/7xRPtx+xHHfv6jp6NXNdeoVL/3MfbqYzS"
    "mugehC7s3cdTy6ky/T3U7CCpqYa7W/4VjNF1kd12AKsOlq9hcJlnTWLeiPuqCryVpHwQ8F"
    "Wqjhb+W0g9RyUBvrpGjrNoO3ctZyF2SfM7m7IPuHgHnDQfax9L3aAj6qfhRREutCtqBAuj"
    "UZwDd2TtlYebLn5Ikrz0wfE2sNpptITs9VbB3owznkVlmyw4TcAyaYDD5/O5vqEICTLtgm"
    "+T6Xd2GeEH1A2MMrO4u7p6HB0sqho7o5VbPCHfY1sA8isLUFNTlYtePc8/HuOjcmv41uz7"
    "5p9FTnaPXkhtmdG2sOc1Kye5mbPMoZerHOQGeEu7Fu2ljX2FfINXtzlCpf+Id3V8wME6hu"
    "I7VtM4Y+k8En8f6oY4Cg7wXX2T3BeodNvVUttRUtYTEN1wEtiiZaHy9MswxtDYW/P95GwD"
    "LZh9eHK53yuI1w5WSaWh+wTIarnfxyZQHb5v7xCZjT+rSXs4Psl/TL9pBpVOeuTeRiGDbs"
    "xfJUnFjvSeYW73EW8ubFexTFZHk79jm3kJgWX6oaCPvVW4jufqWNtv2Sjbb97EYb9Ojkpj"
    "wpjrOMiXRBljWDLB/VGerr/wEFeeJq"
)
