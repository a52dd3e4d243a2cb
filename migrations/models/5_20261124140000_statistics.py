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
    "eJztXW1z4jgS/isqf7lMFZtKCHmZ3NVVQSazk5sErhJyc7NbW15hC9BiJNaWIdTs/PdtyT"
    "b4PTYhicP4ywxI3ZJ5Wi/9tFrON23KTWI5+58ZX7APZE4Nop2jbxrDU/khrbqBNDybrStl"
    "gcADS8lPpKBuKklVgweOsLEhoHKILYdAkUkcw6YzQTmTKl/GxCbIdYjtoDGeE2Tx0YiYiD"
    "Kpb3IDGqBsJEXbyGsZiTEWCCsl0HHWKoizcyQf3kSDJaLCQQbnEwrdcjsoYUQsuD1BmJno"
    "Hlr4qT0iTOzL3lxG/3SJLviICHgs6PPXXzXZi6z09ZQcFOlYqmm//QbfKTPJA/xgkJdfZx"
    "N9SIllRqCkptRU5bpYzlTZ/f3Vh49KUv7UgW5wy52ytfRsKcacrcRdl5r7UkfWQe/ExoKY"
    "IWiZa1m+KYIi7ydBgbBdsnpUc11gkiF2LWkg7V9DlxnSLkj1JP9p/dt/tJCYrnd7ff3usq"
    "/rWsKe8hFidvOLDM7kWKBMSKC+fffaXQOiSjXZwcWn9u3e0ck7BQF3xMhWlQou7btSxAJ7"
    "qgr0NcohI0WhvhhjOx3qkEoMb3jcTZAOCtZQr4d+AGIA0zMAq03xg24RNhJj+Np6nwP0/9"
    "q3CuvWe4U1h5nqzeOuX9NUVRLyNcShwV8C5ajWDgLdPD4pgDRIZUKt6qJYD6ntCN0hhOk4"
    "Be4PAJagU5IOeUI5hrrpa+8HH96gDXIg71/dXN712zf/lc1PHedPS0HW7l/KmqYqXcZK9+"
    "LWWTWCvlz1PyH5Ff3S617Gl6aVXP8XTT4TdgXXYTPUsRnGJCgOiiLGtvDmto7r1qautKmH"
    "3B5xITab1jHdLZjadwVqS2/f0mrfK+f7hVS26QBW16iP+HvSpR5OUt29wDePQvuR24SO2G"
    "eyVABfwXNg5lGXGKA+v7n3m3mbkK5L11PZxosVBwkPKC7ZmUWE56217y7aHy41hfAAG5MF"
    "tk09ArWs4U0eK1nJJqumzWm8BDPw+0z/V8hn9lHvMdKH9anPJ4RpKawzUt/Io52cAWkDUW"
    "BuIFuQeKp2HcSHyKJs4kj2CMAI4KEpxFOK/MNBqv1zYJmWxyWBfI4bCFZkKPJIrKKV8svM"
    "tWEsQ78jzmUJ0FZZJWUxWoypRbIoZ4xRftPWeEbWBq8DTYqThxnMGQd+2Qr2AMwYNnowZY"
    "IpoCl1wEp9+Z7JX5W6Ln9wGbc/qrUdt/9xJvtiTv9Jq4DPf9LKdPllVT6hDaxcAvOQyg7y"
    "rKNmAciPmpmQy6ooyXLcwR/EKMVmQyobQVwxhyvOZIuMapDKYbKtOMiGTSQcG/i7Uc2a2F"
    "Ta3YWNiEJzG5g5qlmbudJmrllNzWpqVpPOalwx4A83mFpaGqdZ1zZyGY2S06cgWJDOXHvc"
    "xTsbW2AqgKygAUGOH3KPExol3kALm8pYkmQ/wD8AaMwc7B0CqZZkO8SyJE/aR1/8EgcvgS"
    "850Da2iNlQxGZBZ8TnOSChKrNP1fIoDgxroUa1CUqwGzzGb0JI6aCSw23kCpbCpcp0sCl7"
    "qk//XuL0zxvUZRz5tUZNlQpQJZsYdEZLHv1FlHYQ5mfhSxZmIxd2mFKDOaSzgzifFUD5LB"
    "Pjs9Rz7NfwYStG/p+yFK/RnGPLBfbmeQRJTDuUYXuZjmpCNYbtYCm8ZKKdwbVz3etEqB6M"
    "0s5Vt337de+m/f93Eb533ev+HMiHbdD52r9sxyNZgetUOI4VKOzgcnFYJB/jMDsd4zCRjY"
    "HBV5jOhJNE+IqJdIDDKjGMqbchvjWMR/Ihfmoetk5bZ0cnrbOGdKLkLhiUnObAftXtxzD1"
    "nfwEovnBorVWHSiqdKCoDvv+EGaWXH8DG4fU6iyWKttXpZcR2+blyHVEawcPyg4OihC/g4"
    "Ns4ifrUmLBrxO6vCOGa1OxvJwTFXVNRC+jAo28AKbji+pEyha+C4AFGkOjMChMGb/EhsFd"
    "UFcRRicI0MVMpfWYDHN6/SHV3z7qucKic+KoNA3J285lfJP5sUnMOFtOuevsoy4o2GjMAS"
    "CE0Qw7zoLbJlJpGip74YlpGqF97JFAYwyyx2KNsWjm5v1Ed9pivfm2KBA+jffmaxbvyiaA"
    "PCwk5bvyNet4bVXjtQqqEhtKIL+DbHVbmUS16/2DuWahlbjEihXVqoOZsUCPIXjZ2HBYp8"
    "YziiedlVnlPendowut4yJX8Y6zr+IdV+YqXqVxfpabeCEvtATUUa3dg3r7XotJhJ8cE8X4"
    "P3e9bkYseKUR91SoIdBfyKLOWwy05wArsYi4JwGgq9OjENYXKWdHsoFOfRy6qxl91UR044"
    "Q+6B9176+vXyuj7w5sBL8PzKSlxcTWtY3cgJgnp0/IsmA0DJpEM0yDnD7ZgAyIgeeO1vec"
    "Yml9E19nH/XHBM1sOodhgsbYGsqwF2GGvZzBuEEuDAUZ4ZLy8InOoWxo8ym6u7y4BXt/vv"
    "z6T5UQOHMHFjVWLaivzpiYBaNimQGWSbmNdPKEHfTHvkCErRG3qRhPy8AdUdrBaMv2cwO8"
    "eaL/sUh590i27xLVqv2XJ/gv/lqnr9a4pB3ykpBS1TdMRHpDpniuTKQ6+LiJNd5c8FHeFJ"
    "gTXXoOZe0cU63P/6tsZxtsYG80naOatZWrZuWqpB4ILMDPoYaWRrFWlY1chhWIFeRXn/gC"
    "8aG8/OTwKRAYMPMq+aAh3xY45q6d4Fh5Wt4bCIlSRHsy82BARpRJ3tdA9/2Ldw3EZbYBti"
    "wQ9di+k/3mwaB/BceTXjTYoaPMFNVUZpWSnOpPvOoSKy8z9X2zeXR02jw4Ojk7bp2eHp8d"
    "rFJUk1V5uaqdq59lumpkNgb5q9l0K7BZmTUy0Kmdncotj+FNUP2fMG3OiyV9+R3kz9uP+6"
    "tLIOUWrpXKLiXWv8DyVZEtXwWzU3b7IMidvdGrlwUX2+PbfgJhw3snE+y98h7vgD8kY6cs"
    "yDbcR72o7Dn6nciPv6vUQQeNgLiwhl+oGzKZkBrYq16oK9LyvcPTGQbHV2UuemNsk0TCKB"
    "t+PAVOQRPK6PPj6XX6WxXT39T4KbOjrBR2cEt5llu0sRlaGuuo6s6dPhw1iySwg1TOFfGD"
    "xDuLoWO9rK8UUdq9PImt3RR49SvilYZ5yzfE5WsLYRcN7gSUwTlFdSfX7CIpbSCVs2Ynkt"
    "qoo3ux4RQ2wLlFMMvwQsJ68ZMbUHwutIPl+4UPbnq96whx7lzFnP3u/U3n8nbvUGEPQlRE"
    "QhgRwB0X3N30JJXHMI+oviDsq5I3i7vnYcyJTaGjtKBdHvJJ5Rr7EtgHd8n0ObYoEKVh6n"
    "uDHru9mt5GfchR5ShefTL9Q5jZnZkbmjmqWU/mqlm5RPgylG4Y/8Nksa3WV//4+ZZYWPj3"
    "U9OTcGN/DO1tzvFEMm5k8qS8T39zvOKv8d9FwFJuu28OWOKW/ZtcX5KAPedhQhscYWOspR"
    "wn+DWNvAMFvJZ57EQhG4YnJEOnhdt/lPP6J75JKju6DtwoeNFA0ahNSKWO1hSL1shJVQJh"
    "X3wH0T0sFOI9zAnxHiZDvNCjSL3dmZ1SHlKp88lL5pO/6sn4978BychgsQ=="
)
