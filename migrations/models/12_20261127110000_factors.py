"""Second factors: which ones a user has, and what a code was used for.

Old and new instances run side by side: the columns have defaults, and an old instance doesn't look at them. It asks
nobody for a second factor, so whoever sets one up is asked by all once the last instance of before is gone. The index is built while others read and write; each step may be
repeated.
"""

from tortoise import BaseDBAsyncClient

RUN_IN_TRANSACTION = False

POSTGRES = (
    'ALTER TABLE "users" ADD COLUMN IF NOT EXISTS "factors" SMALLINT NOT NULL DEFAULT 0',
    'ALTER TABLE "credentials" ADD COLUMN IF NOT EXISTS "used_for" UUID',
    'CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS "credentials_totp" ON "credentials" ("user_id") WHERE "kind" = \'totp\'',
)

SQLITE = """
BEGIN IMMEDIATE;
ALTER TABLE "users" ADD "factors" SMALLINT NOT NULL DEFAULT 0;
ALTER TABLE "credentials" ADD "used_for" CHAR(36);
CREATE UNIQUE INDEX "credentials_totp" ON "credentials" ("user_id") WHERE "kind" = 'totp';
COMMIT;
"""

DOWN = """
DROP INDEX "credentials_totp";
DELETE FROM "credentials" WHERE "kind" IN ('totp', 'recovery_code');
ALTER TABLE "credentials" DROP COLUMN "used_for";
ALTER TABLE "users" DROP COLUMN "factors";
"""


async def upgrade(db: BaseDBAsyncClient) -> str:
    if db.capabilities.dialect == "sqlite":
        done, _ = await db.execute_query("SELECT 1 FROM pragma_table_info('users') WHERE name = 'factors'")
        return "SELECT 1" if done else SQLITE
    for step in POSTGRES:
        await db.execute_script(step)
    return "SELECT 1"


async def downgrade(db: BaseDBAsyncClient) -> str:
    return DOWN


MODELS_STATE = (
    "eJztXWtz27YS/SsYfWk6o7q2/Ijj3rkzsuO2bhL7jq3cvtJhIBKSUFOEyocVTW7++90F30"
    "+TsmxTDL4kFoAFyLPgEnuwC37uzYXBTGfnzGYGs1xOzd4J+dyz6JzBHwW1fdKji0VchwUu"
    "HZuyuR61k+V07Lg21V2omkARgyKDObrNFy4XFgr8OqMu8RxmO2RhiztG3BnjNqG6LjzLdc"
    "iSuzPsyRA6dMWtKQpdWdgOfsC/IC4FHUKtUOyEcBBdUMdZCtvoQ41BltCS3TGbwCUzoos5"
    "SLgiGJS70IjYYkkY1Wc7H6wP1jDqTV6D8FxoEXZJZtQhliCOp89QbId8vOWW8ZE4dOWQGf"
    "QDt0Fs5riEO/A/jS6Cg8CEm4yIyQfrI9z3HdfZ9wnYvv8o2ztwTTvkapIY1O9CYJHDQMIl"
    "E2HDnQCifRzPZjiYAGywHG9EAnsir8WgoCPqsA+Ww/w7R+h2EFrP4v94THPFlGEvAPCff0"
    "Ex3A/7xBz8+bk34cw05N897FPjBkriPfewLfu0gJt1QKdOKB5OoMStaSgqp8tqIet6UhRm"
    "iPzxBcUWt5ocKzUJ/dFkuRbKvn9/8fpH2RJnx1jThenNrbj1YgVKs6LmnseNHZTBuimzmA"
    "3TwUjMS8szzWAWh0U+MFDg2h6LEDHiAoNNqGfi7O79a+JZOk5qIkfCfw7+HVxaopmmXV6N"
    "tJvzkab1cg8DXkJmqgdFOgALMHF4IhCYL36/MSCytIcDnP08vH6xf/SthEA47tSWlRKu3h"
    "cpCDNBi/UZoyy1mcP5bEbtYpzD9hmk4ULXwTgsiEGOLUYIXwjQI0Dam9NPmsmsKZibE7J3"
    "VAHxf4fXEuU9H2UBBs43fpdBzUBWIdgxuHDfzGyCbiSwFrzBBG0puru7deDd3S3HF+vSAI"
    "Np59Cdncd4BCamGOOkTBdgrkB1dP7bCHueO84/ZhLMF++Gv0mc56ug5u3V5U9h8wT4Z2+v"
    "TjOYO4yarMBmnHKL2qtizGOZDOLjlcucTmF+ioglMQfITy8uh9e/F4Metk/a7dPfR+fDDO"
    "xyVVI000/59MIqmesJoQzwcCfbBztcLvz33avBYH//5WB3/+j48ODly8Pj3WNoKy84X/Wy"
    "SlcXP11cZqY8FqSRhwWMocHqqslyJCnzgEVJy/B/yBLkc3JxiHesUTeP6GuocfmclUznlG"
    "QGVyMQ3Qn/2MIFSZUtv3h3fjMavvtPyri8Ho7OsWaQsith6YvsYiXqhPx6MfqZ4E/yx9Xl"
    "eVZrUbvRHz28Juq5QrPEUqNGEpOwOCzKLH4cV5PPQXNFZ2U3oOrteZS2TtMJ57CBfQxFNu"
    "mztVep99hH9IInt4UeWug/p6H9UdiMT603zF9xXcB1UEtnBYAGZM77oJvthDQujR9lmy4j"
    "2iA5oeDe4Y6Z6/taw5uz4etzn2cYU/12SW14MyehxhoxEJmSqG2+aj6YZ0uoRacSHLwLvO"
    "YA9V/EuFfArGFxv4pS+1uM63Jpwr71GbElRQIMaSBKllDq67uMQxNkzIiBxNF4FQmcEAGT"
    "yOec3BmzJKWGDNlUMOcHgl1PQQmyXv7V96UdfcYMz2TrUEswcV05bw0QAnN/D7WEyGjQVF"
    "FKbaWUIoXWZT0iAUUq1SCVqOuy+cJ18giXuoFJkbX8wNZh7DuCg72DlwfH+0cHkf8XlVS5"
    "fXkXLzA9DVepsZRyRVq9QJXuBLPtIh++ioxNSnWBKkybpkEtRnZQwcgO8oys2k+I8D06qA"
    "Hv0UEpuliVBndBV6aghrYOBZuXVVTsulSsIrC+hrcGBg6s4HmBWzSarLZych2i3je34gLP"
    "c50lVyymOMG2PTw5Eut5OJc3cE3Wa4YxNr0C7iVZ3a/iYG6xIWgZW9YObMKAHD+yaUbvGD"
    "HFFK6RcCtHxQyJ37PP3VApJCOMIhEiLLg3uHgDSRZkYnQhbjkMK+ywxGIuMjeSkEGG77sh"
    "TPnSCJ8/IzIxkJPtkDmjKNb7K8PTKCLlWYmUhJLqLqcTIh1cUR+8qrGiPnhVuqLGqtzebj"
    "j5G6Ccluog0IPDOrQVtCp3DQ9zxNWE2+BQO4xZa7z4c8Jq8dy693+OcllT11lZpepWq3oi"
    "7Klw3fUe64ysWtS3WdNqo19t9KuN/kKn8x3l5qlngK/VK/A5E7X9KpdzDu20sWxY0+P8WS"
    "zJHBNSUBTcSPxvLD5JT3JGjZzbiREA/gCYVILb/4HEDrmAIs81OabVYPZIlFdDwc1cRokx"
    "4K3KWsPALXrMPrGEbOB3WzMEoNS1vGWrRvsHfvPNrMHvdyu3bvOg3LucwFWs88aOxdS6rH"
    "Vv65ZQcGBlRjABRuKWWUX2MFVfaRGR78W5BLYE2tY0irJfBw2cya1bB7k0eE24zHYKaDhs"
    "8g0mx4EMxj+ZPrMGBnTWl9FUaCQlOycz8eDHwrNBVzDuVAhDRkzJqiDyasbXi4NKrpT8Ae"
    "4Lhcpgc1+mHa7kEuPNcIoHVrzpSLPAMjQNwJLiGkLbxManpZSpb2zqw/nUAPOESAf5rf1B"
    "Dcj3B6WQY1UmK8ob/830RixiQqSDwSWHdWY1tKpgEHPxDymT1QDprFz34N4f1InlgVYVUz"
    "oXyzNeack9sDzip0KYjFrFoBdIZyNOQPyxTElU8sQhJ1dXb1Prw9OLbErl+3en59cv9qQi"
    "oBH33df8DrnNphxHxatrSLoUiKokNBXD85X4QKkYnk8LDt2toea0pFJzq9WsiGlFTCtiup"
    "iK8dyx+IQEdK+IiIlr+5U0jGynIVdck4N56xMucWpakHLmBFETWRZGNu+Tpc1xOxApG2SZ"
    "YRDLoX4cj+wJ+2GmieTODvk1KJEHMHGH+LHNwalLfMECcoa7fmV5YFSt/DSTWn7WmWdL0i"
    "qxELiPPkmgp4Xi9ViacFY1GaEZD2QznS94oJXoZuVVNhk02EaoP64hQMR62KBxHyoVsI0R"
    "bCoVUKUCbltgukoF7LKnoFIBnywV0F/SNYI5kuig+d/8nkNq5VYX45RQB2F+lI0HWPpPPf"
    "CvmtmMWKaDOB/XQPm4FOPjwkD852BwWmaXN8Nu31HTY85aecI5UZUmrNKE1YqyfEWJvNIa"
    "Ok6IqaD3Nus3pP3Syr2ZU9Ms9bJDmafzsPce66Xvu9f7g5dHkWeNP6qc6pt3w7dv8551SH"
    "xm30Xlx9eGEk8H4+7jwvjEJ9fG9GjdRWss8XRL1t5jcZpZx+CwlmNwWOEYHH5btFP2PBs7"
    "14kgj17B1k6qvl+1uZMMF6m5u5PsXAbaBtFVLNjwscRYGCuZhQBKmXAbs9hXrHDnB6aTTZ"
    "LXIPuziGfFokHywTdOONAJWc5E2LdD5nSFm0tQJj/3MaeGPOhQfhlDftkDkxsWGBRsCXkA"
    "okx3GLPgkyBxtsM38SdE5DYSggrdBkchRlXQ85TfQWm4iyS/F0KojCZ+YPRv/X2llOIabv"
    "sk4hsajRLIqT2Xtu65yAQN+aOB3U8JKX6zHr/5HKRQq2HeMCeEEf9gB0Oj2wTnAtEOcnAb"
    "W9Io2uKhBnvr3FoVGflVqFlFRqrISBUZWehA3zDds7m7Or9jVmHWfrpBv8qFdoKmGsO2TT"
    "6DOYNOQe0GhkdGH8BEz9MJ3bGMLmQKfzgekePtkKswcR+91OgDkFYQ+kgtYa3mwnN2yKX0"
    "j2cCAEp+2lKmrso8yydzXjOQNXRf1x8nvUqpNxqoUdQJw8yOJeXqDxOofI2BAsn6Q9kMFO"
    "y4awwVSCoCoK0EgIQqh3NFenXQvoMO0uaP4Fbe0VexbE5Y4gYWKy2lglIy0crhS7QBokkZ"
    "hWcaT75oYuX91t3jHA/qUGAH5QzYQY4Ae7YzYVuN86McCZtYhTaAOi3VPag3v2oxmBuk+K"
    "Ux/uXm6rIkECCSyK5UuO6S/xGTO9uYLVIBLGKRWp7kPpad/S52xkRjB9mPZauw1s6wb+1E"
    "NEW+hRewFewb6AjuD9TUK6Le4tp+Je/mt9Nu2aom6QZdkgXlYWYydoC8Gx5lGR8xlwlRuQ"
    "1kdshoxsjC5ncwTciMmhNk15il26sFzBviwVRAIg3bw1/8DsomtpiTm/Oza9D3m/Pff5DB"
    "JgtvbHI96kH+xA3LBx+e2exFevuAN+ga5MrWvUDLORZqToXN3dm8CdwpoQ6yLZtPcPWfE+"
    "3vZcFHMMrXLmkptX55wPolsHVaZOPyeqj86FyR+JoJJVukCpVR0iZtbB35iOed3DENVw5N"
    "9ZwRVZklbdazDTqw13qc05JKy23TcktSBG5c6sI6h+u9IhcrquxXelhhswYfJBATPMLJEX"
    "MmY+2jGIc+frZuJjw752NVSfmfwmNSkLzAAIcxm3IL/b4+eT86+7ZPBAY1UNOEpr6375R/"
    "Ai8cX8LxoC/eVaUuFXpWBYlLwYPXXsfqCROXyt2tUGdNbGQooxY7rTOPyZdg00yFByUptE"
    "2Rj837y2T+ZoYrEunS6VBPYL5a8sp/b024JbnEazYXoMyiV3++UeUSwIuaa7bfvuZa4LUk"
    "m404rnE5E4481BHe0ITaDN7k+KZ3afAdkDTvakXfHAoOkXSIT18bJzLOkcOCAmq5GSb1Ec"
    "cVNpPZeSabBGJ47xgX+VBuVQWvPUXwmqI4OvvWb4uFdORznzeKwTZghR10gi8I3W/5hoHF"
    "6/sfDJIpydH5qCVWbodcpduekI8M//woY7iDjON+UKjpGNXNdepXL+VRuJhtPV9QtIEYQu"
    "7P3HUiutMP0/1BwhKaRGh1sOFYLxZZnq5nCvDpGo4XC1YMpgz6sxp0OVmbLPAjgQ6u8B/l"
    "cLqMOWiMdVq0c5vBj/JpHJVkXzC5VZL9U8C84SR7eGcbDJwouCHtDl6qQRZRGutStqBEuj"
    "MHNm3sWOmJjGQvOKm7+iCxhFhnMN3EWWJc5tbBeriA3Kr6KFlK7gk/Rxa+/rb2a2QAnOOB"
    "b1Icc3kf5ilR9RW4Brj7KzQwrRwGKtqDqkI+L6ywb4B9mIGt3VGTg1c7KTzO/L5jPov7UH"
    "v2baOnVKDVV6dmb2Gsqea0pHqY26zlHL3YRNE5YaXrtum6wb5CodtbsKgKhH98c83M6ADV"
    "4uyhs6ij7TXmuRN8Us9P8ivODwTrDXb1OvoedBfREhbT0A5ocTbR+nhdWWwEfY1EsD/eRc"
    "Bypw+vD1f2yOMuwlVw0tT6gOVOuNrKN1cesMfcPx6CO63PegU7yEFNv2oPmcZt7ttELodh"
    "w1EsX0sQ6wPJ3PI9zlLevHyPopws78Y+5yMcTIsPVQOEg+YdRHev1kbbXsVG215+ow1GdA"
    "uPPCnPs0yIqCTLhkmWzxoM9eX/uI+WHw=="
)
