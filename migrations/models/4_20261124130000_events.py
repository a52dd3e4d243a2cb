"""Security events by session, type, address, actor and request; signing keys that are published before they sign."""

from tortoise import BaseDBAsyncClient

RUN_IN_TRANSACTION = True

INDEXES = """
CREATE INDEX "security_events_session" ON "security_events" ("session_id", "created_at");
CREATE INDEX "security_events_type" ON "security_events" ("type", "created_at");
CREATE INDEX "security_events_ip" ON "security_events" ("ip", "created_at");
CREATE INDEX "security_events_actor" ON "security_events" ("actor_id", "created_at");
CREATE INDEX "security_events_request" ON "security_events" ("request_id");
"""

POSTGRES = 'ALTER TABLE "signing_keys" ADD "signs_from" TIMESTAMPTZ;' + INDEXES

SQLITE = 'ALTER TABLE "signing_keys" ADD "signs_from" TIMESTAMP;' + INDEXES

DOWNGRADE = """
ALTER TABLE "signing_keys" DROP COLUMN "signs_from";
DROP INDEX "security_events_session";
DROP INDEX "security_events_type";
DROP INDEX "security_events_ip";
DROP INDEX "security_events_actor";
DROP INDEX "security_events_request";
"""


async def upgrade(db: BaseDBAsyncClient) -> str:
    return SQLITE if db.capabilities.dialect == "sqlite" else POSTGRES


async def downgrade(db: BaseDBAsyncClient) -> str:
    return DOWNGRADE


MODELS_STATE = (
    "eJztXFFz4jgS/isqv9xsFUclTCabmr3aKpJhdrOTwFVCbnf26sorbAFajOy15BBqLv99W7"
    "KNLduADWQCjF8okLrV+GtZ6v7U9hdj6trE4c0eI306JX13QpjxHn0xGJ4S+FLY30AG9ryk"
    "VzYIPHCUgsuIKUDUFFJW9eEBFz62BHQPscMJNNmEWz71BHWlOUONy5E7RA5lE44oQw4Rgv"
    "hK33YtGICykRRtK5F/cKTGf49c5swRFRyNMR830ND1oYmggBMfYWarH17ge660O3Jd2WIR"
    "1SVlMZqNqUOa0k7A6F+B/OMjIsbEB2v//R80U2aTJ8Llzy/GkBLHVt8NacKkttSMDBhSnD"
    "x5PuEcrozHI8RgZrAx5QgKvLmn+g2lDlipH89S1ZuYyqTmFKVuyguWGqrfjMe4GmP/o9KQ"
    "yA1My3WCKctreXMxdtlCDQCWrSPCiI8FsVO+YoHjRN6Nm0KkoEH4AVlAZCcNNhniwJEel9"
    "rhP0naDNPs9vrmfadvmkZuNsQaKa9HTRZgCuhQJrjCY4qfTIewkRjDz/Oz59BOgkcoJQ3+"
    "p3139XP77s352XfSoAvTMZyu3ainpbqe1RBYYDPxcwJ77OUKmKdUdgN43JAgntxSXx3yt6"
    "0SkL9tLYVcdknIE4h5MPiTwEpRAeKUykYQRzN2PxFuvSszq0FqKcaqTwfZ8omEw8QFOH+A"
    "HrlEFWOta2bgtiPVZvzlAOf3CrD717ed+3779t9y+CnnfzkKr3a/I3taqnWeaX1znvHLYh"
    "D063X/ZyR/ot973Y6C0+Vi5CuLiVz/d0P+JxwI12TuzMR2GpO4OW7S3AwbEYXhNnCzrlm7"
    "ea/dnApDdB8/PFx/KPZvOnLRnRsE1G5KxeNyargRhV5K46+u9FkFWsNJ4Z4fh2g6tB9dn9"
    "AR+0TmCuBr+B8YosoCQKP4+SEa5jAhTVqT/dLHs0Vkmp5QcO1wxUSEu3b7/qr9oROGsgNs"
    "TWbYt00NatnjttxMy0I23zVtTbMtmOGRAkdehfzPcdYSiIH7dIupYxTlNElvY2VGo+TMKQ"
    "iWTGduwtwFiTEWaIapgGQFDQjihImihEaJN9DMp/CFyewH8g8AGjMOdmDQcCQ5DnEcmSc1"
    "0a9RC8dzyJc4jI0dYjdUYjOjHonyHJBQnUxskuLAtBZqVtugBLvBuvwmhZQJKityG7mCFe"
    "RSVQxsmj1VWyt3v0yuz5mMfw0DFjpeWZIfZz8ae7duNlYkS+GkrhLIJxp1qlQiVfKJRT0a"
    "rShlMdaUjhDmF8mXHMxGAewwlSZzSucIcb4ogfLFUowvsgi/Wgy7Z8n/NktxguYjdgLI3s"
    "KIII/pJWXYnxejmlPNYDuYC8KPCtfLm96llurBLL287rbvPr+5bf/2nZbv3fS6P8XyaR9c"
    "fu532lkmKw6dSvNYscIRLhen5yXWi9NsFp0sGLJLhxdDrDD1BM8jfM1EMcBplQzGNNwQDw"
    "3jkfwT/2ydnn1/dvH2/OyiIYMouQvGLd+vgP26289gGgX5OURXk0WJVk0U7TVRVNO+34Sb"
    "Za6/gY9Tajtw8OHs/wfnXwdzYRLfd6sl15rWER6UnZyUSfxOTpYnfrKvgAt+HerynliBT8"
    "W880gU65pjL3WBxioCk0eiJpGyJTlMxS+OYVCYFLbkL7FluQGoK4aRxwRdxlVGj0maM7SH"
    "lL0m6gXCoY+EqzINmbe9l/wmi7hJzFw2n7oBb6IuKPho7AJACCMPcz5zfRupMg1VvbBlmU"
    "ZqH1tDNGYgW8c1ZtjMze3oO205a5Evtr7GaJzyhpXUVibjEcrZo9521kL9crbg3nC3nzZq"
    "lPJGfQITG9bp9UR41lCkWdPh+0qHxzO9dLFWJH+EZMCuCrXqzOYbi3z1ja7siqVr1Vxxhk"
    "dL7XNlEU3r1HjqeIYxRtlVPpQ+vmzs7F2JJf7s3dIlXnYVnBBBqlTtuFPXOj6cW+/KEOsg"
    "teK4M0etp6LQClDrWscH9e6jFpuIqPZIx/iX+153CdW+0MhGKtQS6P/IofwQzzFWACux0M"
    "KTGNDF4VwK66uCozk5wGV92nysBZP7iejG9ZJgH3Ufbm5eq2DyHnwE1wduMooox6S3sZJv"
    "DOXMCZmXJBthSORhGpdMygEk3wiRO0oeI8tUTU4inSbqjwnyfPoI0wSNsTOUrCJhlj/3YN"
    "6gAKaCJBClPHyjj9A29N0puu9c3YG/P3U+/6DqLb1g4FBrMYL6ycfELkk6LiVYJtU20skW"
    "O+i3/XwWdkauT8V4WgVuTekI2Zbdl16E94n552xSJXbRter4ZYv4JVrrzMUal/fDqhqvQv"
    "UN67wOyBUvVehVk4+beOPwyEeISbgpA4eqbtY16+KKffayDz7wN7qZdc3ay/vm5T2p61B5"
    "bUFuFee7y7MqmTOWTKfaUalGI3z7BaQ/8ompgfuUT6NYXNfRRD1d9j36g8ivf6giDY5GkD"
    "mxRtRoWrJsg1o47J6ph9E4styph+EuUDUi4czdpGRD3xjXn4YraFK1E1FqXZ+E7+NJuJo/"
    "VTK0hcIRZmcv8rxS5g6tjLWuenRExNtWmVJBkFrxMN5JFvMhGDbVjwpoa0rHd2Sys5rMV3"
    "8Yb69h3vGzePIFUbCLxtWXVXAuUD3KNbvM6TZIrVizc+fbVBULQohVwOW4rkMwWxKFpPWy"
    "JA4ovhTa8fL9lTmcXu9GSzIur/sZkB9uLzt3b04V9iBEw4OV/MNOABwPINwtPq9ah7mm+h"
    "VhX7QcLO5hhPFIfAqGipjLVcjnlWvsK2AfV+2bj9ihkCgNC9/QsO45oeIxasZj3xiPmqT+"
    "5twcePaGbtY165t537xcgb5MpkPBu3gzm200wMdPd8TBInr6p7giJ/sK4MO8zXOlOZkNMv"
    "ek3OaA5Z7QO8g7Jg/YS9LjbQjtrLFRQJBHPY1VFDlOZNZx5Mth2KLSp4hAXvo6ikL+uOBF"
    "FNG02F9ybSdvoVjOF0O0Hz+WWJaHSKnU/EM5/kHeVBUQjsSPEN3TUqTl6QrS8jRPWoJFUf"
    "jowvJ6qZRKXSxVsVjqVc96n/8GvE4+gg=="
)
