"""Known devices: where users have logged in."""

from tortoise import BaseDBAsyncClient

RUN_IN_TRANSACTION = True

POSTGRES = """
CREATE TABLE "known_devices" (
    "id" UUID NOT NULL PRIMARY KEY,
    "network" VARCHAR(49) NOT NULL,
    "user_agent" VARCHAR(256) NOT NULL,
    "first_seen_at" TIMESTAMPTZ NOT NULL,
    "last_seen_at" TIMESTAMPTZ NOT NULL,
    "forgotten_at" TIMESTAMPTZ,
    "user_id" UUID NOT NULL REFERENCES "users" ("id") ON DELETE CASCADE,
    CONSTRAINT "known_devices_place" UNIQUE ("user_id", "network", "user_agent")
);
COMMENT ON TABLE "known_devices" IS 'Where users have logged in';
"""

SQLITE = """
CREATE TABLE "known_devices" (
    "id" CHAR(36) NOT NULL PRIMARY KEY,
    "network" VARCHAR(49) NOT NULL,
    "user_agent" VARCHAR(256) NOT NULL,
    "first_seen_at" TIMESTAMP NOT NULL,
    "last_seen_at" TIMESTAMP NOT NULL,
    "forgotten_at" TIMESTAMP,
    "user_id" CHAR(36) NOT NULL REFERENCES "users" ("id") ON DELETE CASCADE,
    CONSTRAINT "known_devices_place" UNIQUE ("user_id", "network", "user_agent")
) /* Where users have logged in */;
"""


async def upgrade(db: BaseDBAsyncClient) -> str:
    return SQLITE if db.capabilities.dialect == "sqlite" else POSTGRES


async def downgrade(db: BaseDBAsyncClient) -> str:
    return 'DROP TABLE "known_devices";'


MODELS_STATE = (
    "eJztXW1z2zYS/isYfrl0RtX4RXFd9+ZmZEe5urGtG1u+XNrpsBAJSagogCVByZpc/nsXIC"
    "m+06Qsx7TCLxkT2AXIZ0Fwn92F8llbcJNYbvcD4yv2jiypQbQz9FljeCH/yOvuIA3bdtQp"
    "GwQeW0p+LgV1U0mqHjx2hYMNAZ0TbLkEmkziGg61BeVMqnycEYcgzyWOi2Z4SZDFp1NiIs"
    "qkvskNGICyqRTtI39kJGZYIKyUQMeNVBBnZ0jevInGa0SFiwzO5xSm5U7YwohYcWeOMDPR"
    "PYzwfX9KmOjK2TxG//KILviUCLgtmPO33zQ5i+wM9JQcNOlYqmm//w7XlJnkAR4Y5OWlPd"
    "cnlFhmAkpqSk3Vrou1rdru7y/fvVeS8lHHusEtb8EiaXstZpxtxD2Pml2pI/tgduJgQcwY"
    "tMyzrMAUYZP/SNAgHI9sbtWMGkwywZ4lDaT9c+IxQ9oFqZnkP71/BbcWE9P1m+FIvxuMdF"
    "3L2FPeQspuQZPBmVwLlAkJ1Ocv/rgRIKpVkxNc/Ny/fXN88p2CgLti6qhOBZf2RSligX1V"
    "BXqEcsxISagvZtjJhzqmksIbbncbpMOGCOpo6YcghjA9A7DaAj/oFmFTMYPL3o8lQP+3f6"
    "uw7v2osObwpvrv8U3Qc6S6JOQRxLHFXwPlpNYeAn309qQC0iBVCLXqS2I9oY4rdJcQpuMc"
    "uN8BWIIuSD7kGeUU6mag3Q3/eIU2KIF8dHk9uBv1r/8jh1+47l+Wgqw/GsieI9W6TrW+SV"
    "tnMwj6eDn6GclL9OvwZpDemjZyo181eU/YE1yHj6GOzTgmYXPYlDC2hbe3dVq3NXWjTT3h"
    "zpQLsd1rndLdgakDV6C19O4trb579Xy/mMouHcDmGvURf0+61JN5rrsX+uZJaN9zh9Ap+0"
    "DWCuBLuA/MfOqSAjTgN/fBMK8T0qg1epUdvNpwkPiC4pKdWUT43lr/7qL/bqAphMfYmK+w"
    "Y+oJqGUPP+Kplo1stmtxtEi3YAZ+nxk8hbznAPUhIyPYn0Z8TpiWwzoT/Z0y2skZkDYQBe"
    "YGshWJpxrXRXyCLMrmrmSPAIwAHppDPKXIP1ykxj8Dlmn5XBLI56yDYEeGJp/EKlopL2zP"
    "gbUM8045ly1AW2WXlMVoNaMWKaKcKUb5WYvwTOwN/gSaFCcPNrwzLjzZBvYQzBQ2evjKhK"
    "+AptQBK3XxpZC/KnVdPnAdtz+ptRu3/3Em+9Wc/pNeBZ//pFfo8suuckIbWrkG5jGVPeRZ"
    "x0cVID8+KoRcdiVJluuN/yRGLTYbU9kK4oY5XGkmW2VVg1QJk+2lQTYcIuHYwt9NarbEpt"
    "HuLnyIKAy3hZmTmq2ZG23mltW0rKZlNfmsxhNj/nCNqaXlcZqot1PKaJScvgDBinTmyucu"
    "fm5shakAsoLGBLlByD1NaJR4B60cKmNJkv0A/wCgMXOxnwRSI8lxiGVJntRFH4MWF6+BL7"
    "kwNraI2VHEZkVtEvAckFCdxVm1MooDy1qoVW2CEnwNHuM3MaR0UCnhNnIHy+FSdSbYlj21"
    "2b+vkf3zF3UdRz7SaKlSBarkEIPatGbqL6G0hzA/C1+yMJt68IWptZhjOnuI82kFlE8LMT"
    "7NzWO/hA/bMPL/lK04QnOJLQ/Ym+8RZDE9pww763xUM6opbMdr4RcT7Q2u51fD8wTVg1V6"
    "fnnTv/305rr/v+8SfO9qePPvUD5ug/NPo0E/HckKXafKcaxQYQ+3i8Mq9RiHxeUYh5lqDA"
    "y+wsIWbhbhSybyAY6rpDCm/gfxtWE8lTfx/dFh74fe6fFJ77QjnSj5FQxbfiiB/fJmlMI0"
    "cPIziJYHiyKtNlDU6EBRG/b9Jswsuf4WNo6ptVUsTbavKi8jjsPrkeuE1h4myg4OqhC/g4"
    "Ni4if7cmLBLxO6vCOG51CxHiyJirpmopdJgU5ZANMNRHUiZSufBcACzWBQWBSmjF9iw+Ae"
    "qKsIoxsG6FKm0oZMhjn9+ZCar4uGnrDokriqTEPytjMZ32RBbBIzztYL7rlddAMKDppxAA"
    "hhZGPXXXHHRKpMQ1UvPLFMI/YdeyTQmILssVhjKpq5/TzJL20b2WxiZFNBVWPrDeX3kNft"
    "quamdVK/MScm+H7UjPkltdqwXyokYgheN4oa12nxTOJJ7Tq7vC+9f451722VQ2tviw+tvW"
    "3MobVG4/wsZ9YcAk8KxC9vUyhLEsa19g/q3XstJhFBGUkS41/uhjcFUdONRtpToYZA/0cW"
    "dV9jSLoEWIlFwj0JAd3kWWJYX+RkWeQA523icF9r35qJ6NalbzA/urm/unqp2rc7sBE8H5"
    "hJy4seRb2d0tCRL6fPybpi3AiGRDamYfWbHECGjsBzR9GJoFQB3DzQ6aLRjCDboUtYJmiG"
    "rYkMEBFmOGsb1g3yYCnIWJCUh7/oEtomDl+gu8HFLdj7w+DTT6p0zvbGFjU2I6hLd0bMiv"
    "GjwgDLvN6HdP6EL+i3fdQGW1PuUDFb1IE7obSH0ZbdZ9H990T/c5XzKx3FvktSq/VfnuC/"
    "BHudvtnjsnYoK9fJVd+yZOcVmeK5anba4OM21nh1wUcHjOBsZeakZpsnb5qVG5K8VYwnx+"
    "sOmVCxv61+e62ao90P8rEd/4g7OMbyWMSYP2QdbBYmb7tomJQ9Q38Q+ecfKhProin41KwT"
    "NOqGzM1SA/vdK3XiRP6M28LG8BaoRLC/crfJyya3zMfPfihoYgnSgHS1OdIm5kjV+qnju2"
    "8U9tBvf5ZDCak3tDbWSdW9o6jHR1XqgUCq5MTNQeYn4GBiXV3UQDuhtH/B9J0VXr34iZtG"
    "w7zjAzfyV2DgKxqWWNXBOUd1L/fsKnlPkCrZszOZT+rq8jzvMmddn3NuEcwKvJC4Xpreg+"
    "JzoR1u31+Z3Q+HVwmScX45SoF8f30+uH1zqLAHIeqH3LMnGgA41wN3Nz+T8RjmCdWvCPum"
    "5dXi7nsYS+JQmCgvplWGfFa5xb4G9mFprr7EFgWiNMk9hv3YYYD8MdqIR9MiHm348pszs2"
    "ebW5o5qdm+zE2zco3wZSwnnf5/HlKf2kD9/YdbYmGFaNb2+f+3xOt8xzMVG4mXJ+fnSbfH"
    "K/2rqPsIWM7hoe0ByxxaepX7Sxaw50wm9MERNmZaTjoh6OmUJRRwJPNYRqEYhidUzOSF2w"
    "tP6OdG23PO5gfLormhyJ0czC+OrgM3coP3rGrUJqbSRmuqRWvkS1UD4UB8D9E9rBTiPSwJ"
    "8R5mQ7wwo8g9AlBcdxRTaYuOahYdvWhm/Mvf/eP8Ig=="
)
