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
    "eJztXG1z4jgS/isqf7lMFZdKyOvNXV0VZJid3CRwlZDbm93a8gpbgBZjeS05hJrLf7+WbO"
    "NXHJskE3D8JQGpW4KnZXX3oxbftTkzicX3BzYZ0jkZshmxtY/ou2bjOYEXuf0tpGHHiXpl"
    "g8AjSykwm+gCRHUhZVUfHnHhYkNA9xhbnECTSbjhUkdQJqfT1LgcsTGyqD3jiNrIIkIQV+"
    "mbzIABqD2Roh0l8heO1PgfEbOtJaKCoynm0xYaMxeaCPI4cRG2TfXG8VyHyXknjMkWg6gu"
    "KYvRYkotsi/n8Wz6pyc/+ISIKXFhtl9/g2Zqm+SBcPn2uzamxDLVa01OoVNTagYTaFKcPD"
    "gu4Ry+GQ9HCMFMYaPLERR4S0f1a0odsFJvHqWqM9PVlAmjKHVdfmGpofr1cIyLKXY/Kw2J"
    "3Eg3mOXN7ayWsxRTZq/UAGDZOiE2cbEgZsxWtmdZgXXDJh8paBCuR1YQmVGDScbYs6TFpb"
    "b/SaI2Tdf7g6F+2xvqupZZDaFGzOpBkwGYAjrUFlzhMccPukXsiZjC29PjR3+eCA9fSk74"
    "n87NxZfOzd7p8Qc5IYPl6C/XftDTVl2PaggssB7ZOYI9tHIFzGMqLwN42BAhHj1SPxzyo3"
    "YJyI/aayGXXRLyCGLujf4gsFNUgDimshHEwYrdToTbJ2VWNUitxVj1JUE2XCLh0HEOzp+g"
    "R25R+VgnNVNwm4HqfvhiB9d3AdjDy+ve7bBz/W85/JzzPy2FV2fYkz1t1bpMte6dpuyyGg"
    "T9fDn8guRb9Mug31NwMi4mrpoxkhv+osnPhD3BdJstdGzGMQmbw6aEmcERURhuAzMnNRsz"
    "b7WZY2FI0sZ3d5ef8u0bj1ySxvU8au5LxXoZ1XdEvpXi+Ktv+qgCrfEs1+eHIVoS2s/MJX"
    "RifyVLBfAlfA4MUWUOoEH8fBcMs5uQRq2Rv3TxYhWZxhcUfHf4xkT4Xrtze9H51PND2RE2"
    "ZgvsmnoCatnD2izVspLNds3b83QLtvFEgSO/hfzMYdbiiRF7uMbU0vJymqi3VZjRKDl9Do"
    "Il05krP3dBYooFWmAqIFlBI4I4sUVeQqPEW2jhUnhhy+wH8g8AGtsc5oFB/ZHkOMSyZJ60"
    "j34OWjheQr7EYWxsEbOlEpsFdUiQ54CE6rTFJikOLGuhVrUJSuANnspvYkjpoFKQ28gdLC"
    "eXqjLBptlTtb3y5bfJp3Mm7R9jz/YNr2aSf47/qW3dvtkqSJb8RV0lkI80mlSpRKrkEoM6"
    "NNhRymKcUKohzK+SL1nYnnjgYSot5phODXE+L4Hy+VqMz9MIv1kMu2XJ/3O24gjNe2x5kL"
    "35EUEW0y61sbvMRzWjmsJ2tBSE1wrX7tWgm0j1YJV2L/udm297153/fkjke1eD/k+hfNwG"
    "3W/DXifNZIWhU2keK1So4XZxeFpivzhMZ9HRhiG7kvBiiBXmjuBZhC9tkQ9wXCWFMfUd4q"
    "5hPJEf4q/tw+Oz4/Oj0+PzlgyipBcMW84KYL/sD1OYBkF+BtFisijSaoiirSaKGtr3XZhZ"
    "5vob2Dim9gIG3h3/v3P2tTAXOnFdVi25TmjV8KDs4KBM4ndwsD7xk305XPDbUJe3xPBcKp"
    "a9e6JY1wx7mRRoFRGYPBDViZQtyWEqfnEKg8KiMCV/iQ2DeaCuGEYeEnQpU2kDW9Kc/nxI"
    "zbePBp6w6D3hqkxD5m0fJb9pB9wktpm9nDOP76M+KLhoygAghJGDOV8w10SqTENVLzyzTC"
    "Pmx54gGlOQPcU1ptjMzedJetqG2dxGZlNBVWHrDeVrmNe9VM1NE6S+syAm8B8VOb+kVkP7"
    "pSgRQ7CqLGpcp8EziSd1quzyvnT9AuvjkxJb/PHJ2i1eduWQ/RD1Vju5SmrVD+f2SRmOFK"
    "QKTq4yLKlL4JtC4pe3KRQdEsa16gf1y0ctJhFBGUkS43/dDvprWNOVRjpSoYZA/0MW5btI"
    "SRcAK7FIhCchoKtzlhjWFzmnLHKAbnNwWNfat+1EdOPSN5gf9e+urt6q9u0WbATfD8yk5b"
    "FHUW+rkDry5fQZWZbkjWBI5GAaVr/JASR1BJE7im4EpQrgZoHOPhpOCXJceg/LBE2xNZYE"
    "EbENd+nAukEeLAXJBUl5eEXvoW3ssjm67V3cgL2/9r79XZXOOd7IosZqBPWWT4lZkj9aS7"
    "DMqjnS2TM86Pu+aoOtCXOpmM6rwJ1QqiHb8vKn6P5zov+xmFWJXZJaTfzyjPgl2Ov01R6X"
    "tUNRuU6u+oYlOztkiteq2WnIx02ssXPkowtGcDcyc1KzOSffNitvy+GtwAL8HzW0vNB71V"
    "kceYdiJePuL2yB2FheH+FsDoEtmHl1fNtCoyWaMs/NxN5FWvIeirw9LxXRnjy7HZEJtWU+"
    "0EJ3w4sPLcTkeS22LBD1s0C+LsL+VQvnV3D8Vjbizgu4u3SytsgvN+LOKe8LHrztDbj92r"
    "6/tdtHR2ftg6PT85Pjs7OT84NVkV+2q6jar3v5kyz4SzyNYQXg+jA8tFmVPTLUaZzg1m2P"
    "cSeo/mdMuz65CuVrmFe9PB+syuirbVwrlTqVJv+A7WtLXL4iOXO8fUh+rnf0kkAs6eM7QQ"
    "lWy/9VG/C98ibkiD1kOTU7rNfaR4Ok7Ef0O5Evf1fFVxxN6D2xW0GjbshyLGpgv3uhLply"
    "ZLC5gyHwVbVf/hrbpBQrmSU9fd1TQROriQp41qYsahvLotT6qeJRVgo1dCmvcg8x9YRWxj"
    "qpWjtW+qhdpgQYpAou2R6kMR/DxHrVWCmhVL/z8xertX7zS7ZbDfML37GVP/wGXjSsqq6C"
    "c45qLffsMqVOIFWwZ2eKnSjX5U943OdlA4xZBNtropC4XprRB8XXQjvcvn8woT8YXCUS5+"
    "5lKtjv3113ezd7hwp7EKIiQWEkAOcehLv5xQtPYZ5Q/YGwr1p2Fnc/wrgnLoWJ8ki7IuSz"
    "yg32FbAPb+Po99iikCiNc3955an7f/ljNIcc28ziNSeW78LMnmNuaOakZvMwb5uVK9CX0X"
    "LI+Y3tlLMNBvj89YZYWGGatf6an/bezcc8U6eZcpCZG7CbA5a5ebuTT0wWsNekxzsQ2hlT"
    "LYcgD3paRRQ5jmSe4sjXw/CMss88Avm9nEA/89dl1vPFEO3z4Dkry0PEVBr+oRz/IB+qCg"
    "gH4jVE97AUaXlYQFoeZklLmFHk3mNbXzwbU2kqZytWzr7pWe/j/wHSUXE8"
)
