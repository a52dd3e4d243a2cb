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
    "eJztW21z2jgQ/isaf0pnOCYQ8nK9m5uBlLZcE7hJyPXaTscVtgAdRnJtmYTp5b/fStgG+Y"
    "XYSV+A8iWxV7uS/ay8u3okvhhTbhPHr14TK/ComLdnhAnjOfpiMDwlcJGtUEEGdt1lsxQI"
    "PHCUhR+qmkTqqjY88IWHLdnzEDs+AZFNfMujrqCcSaO3YyzQGDoljNhIcIQtiwdgjjCzkU"
    "98HxRVXza3oDPKRtKsxwiKxkNqvCrqBcKhM+IjCtaBT7znSIwJg1tEZXeczac88KuoCwYe"
    "GnPHBjFyse/fcs9G3IM7wSeEVeV4AaOfA2IKPiLQjQejfvgIYspsckd8efvFGFICnchrQw"
    "5oUltaWh7BgtgmFoa0IHeuF71H2EkEcgIyU3aiMJ27qt1Q5gChurmvIG3Ix4+zYpk/muzA"
    "nZhqQG1qLN5Syc3I9uam8+Kl0pSuGpgWd4IpW2q7czHmLFYPAmpXpY1sG4HvPfk8K9OEBY"
    "4TTqxItHAICIQXkNgT9lJgkyEOHDnZjN+HAbPkHENqJPmn8Uf4aCtqptnt9c3rdt80jdTc"
    "lI+QmHehyAKIASYqZzkAc7/odwmIkhpygPPXzauDo5NnCgLui5GnGhVcxr0yxAKbS6cuUV"
    "ZQpXA+H2MvG+dIP4E0POhjMI4ES5CXH3AEXwTQN4DUmOI70yFsJMZwe9JYA/HfzSuF8klD"
    "ocwh3iziUTdsqaume/X1RODqH4AO8QtoEXRKsmHWLRNg26FpNbrYQujXQN3vXLav+83Lv2"
    "T3U9//7Ci8mv22bKkr6TwhPThJuCXuBL3t9F8jeYve97rt5CcS6/Xfy8hn4EBwk/FbE9ur"
    "mETiSKS5OcwfZrmIpVs9IXKFcWkLPPtgnFpiCumceyURXbXZ46njSd0yUX6h/agYv2Ho6S"
    "G+cVwgxDeOc0O8bNJxVQUZHoVla1F8davdw7l+fFIAaNDKRVq16VB7BN7UF5lBIR9q3Wr3"
    "oP76VYtNBKZOGuM/r3vdbIyXFslKhVoC/Ycc6ovdqlEkFlp5EgF6cNn8J4n1+UWvlQzRso"
    "NWViwpl/JWTPYZ714tJoeTzIVOtOjVkX3JPUJH7A2ZK3w78ByYWVkrnJCpuAm72UpEl9Ll"
    "I3r4Nl58r04neHV4YSLUy8P4qHtzcbFYrg+wNbnFnm1qUMsWXucJSaybbprWp0kJZpAU7f"
    "A15ENH/BD4CN4P3GRksUfL1spa6mihZ07IvCBvBF0iF1PPR0IySLIDSR1B5b6gcNKUURNN"
    "Qpsq6o8Jcj06g2mCxtgZSoKIMMubuzBvUABTQXJBUh+u6AxkQ49P0XX7/Ar8/ab97jdJLS"
    "E3GDjUintQt/6Y2AX5o1yCZVIukU6ekEEfQa5sXQLN51iwM+IeFeNpGbg1ox1kW2pFKsRa"
    "foFYS9WHi+/E/Pd2UqZ20a329csT6pcw1plxjEv7oUUZ9uY5nsgyTzhkMBfE3y1XtEJ0Y1"
    "eAJ1qdbvPqXeyLmO666HVftTK80XrXbzf35OPPSD564ATvUW7WLb+Cmzez6N1aL6cWMz+o"
    "9hZYQP6jlpFVeseN6yvvSK1g3f2a3yI+FIQhn0+hsAU3x9u3FTSYozEPvFTtvc4KUYY4I8"
    "oQHci92wEZUSbXAxV00z9/VkFc7tdixwHVxSrQz6uwPxjR+AqOj0Ur7qyCu0VHHSZKbGpS"
    "lqpFwg9vcwvukXyEX36t14+OTuuHRydnx43T0+OzwzPQVc+bbjpdlzI7rzrdvv41SsH6Mj"
    "zyWZkYGdnsk+DGhcfVJKj+p1ybv7iK9HdwXfX1+eAZdoIMdNcFrtjk4di1DQB/t/C1ISlf"
    "kZwZ2T4iP/MTvSQQC+b4ZngEq6Lysgu5d4qpM+B3aU6NRee1qqin6z5Hn4i8/KQOX/loRG"
    "eEVUKhacnjWNTCi+ZbSeHBf4tPXQyFrzr7tZhjjzmKpa+SIFU/cDpKQbNyJirkWffHojbx"
    "WJSaP2UySmywgymlflwkp4DWmt3cVFZJfKGlsdZNd46VPqofFsActHIxV2065kMY2CxbK2"
    "lGu7d/Xj8sAjRo5U/uwxTQYyw3aMzo0G8ZuDNMdzKkFDmJA1prQkrqLA71Tag4oALIKFY5"
    "dwhmOUly1S5JOIPht0I7ii7fmW/u9S60dV2rk6hFuzeXrfbVQU1hD0pUaCtsDXA/gGose2"
    "/9Icw10+8IeyzZWtwXCXBGPAoDZXFK65BPG++xL4F99GMRE9a4FOr4ocia++tZpbw+9hz8"
    "JpNM+w21n8LNgWs/0s265f5j3jQvl2DXVuN96veGiWQbdvDyzRVxsMI07f283zlu5QRIHS"
    "O8/5ZkZBMqFWtsZNCRYUtlHSGJlzoPMZL5MDzhkF0WXfez7PfVa43TxtnRSSPmyWPJOnr8"
    "4Z08KF798DsruqxeMdkvp4stp+VHVQLhUH0H0a0VoohqayiiWpoighFF5q+G8o8qrpjszy"
    "mWPKf4Q3fW7v8HZU3XrQ=="
)
