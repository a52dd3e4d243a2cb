"""Addresses that are held for who may take them back; letters found by whom they go to."""

from tortoise import BaseDBAsyncClient

RUN_IN_TRANSACTION = True

# The same in both dialects.
UPGRADE = """
ALTER TABLE "one_time_tokens" ADD "held_address" VARCHAR(320);
CREATE INDEX "one_time_tokens_held" ON "one_time_tokens" ("held_address");
CREATE INDEX "outbox_mails_recipient" ON "outbox_mails" ("recipient");
"""

DOWNGRADE = """
DROP INDEX "outbox_mails_recipient";
DROP INDEX "one_time_tokens_held";
ALTER TABLE "one_time_tokens" DROP COLUMN "held_address";
"""


async def upgrade(db: BaseDBAsyncClient) -> str:
    return UPGRADE


async def downgrade(db: BaseDBAsyncClient) -> str:
    return DOWNGRADE


MODELS_STATE = (
    "eJztXG1v2zYQ/iuEvqwDPCNx0yzohgF26m5ZE3tInG3dMGi0RNucZUoTqThGl/++IyVZr1"
    "Ykx2lsVV8CibwjreeO5N1DMp+0hW0Si7eHjIzogozsOWHaW/RJY3hB4CG3voU07DhRrSwQ"
    "eGwpBZsRXYCoLqSsqsNjLlxsCKieYIsTKDIJN1zqCGrL7jTVLkf2BFmUzTmiDFlECOIqfd"
    "M2oAHKplK0q0S+4ki1/xbZzFohKjiaYT5roYntQhFBHicuwsxUL47nOrbsd2rbssQgqkrK"
    "YrScUYu0ZT8eo/968odPiZgRF3r78y8opswk94TL10/ahBLLVM+a7EKnptQMOtCkOLl3XM"
    "I5fBkPWwjBTGGjyxYUeCtH1WtKHbBSLw8tlOhvBk86Nk3ZetWepG5BT1LVmeuqs4T5lbou"
    "oZUaql4P2zifYfc9DRo2x7phW96CZbWclZjZbK0GppSlU8KIiwUxY17BPMsK/Cgs8m0CBc"
    "L1yNoYZlRgkgn2LOlbUtv/JVGZpuuD4Ui/6Y90Xcv4XagR86+gyABMAR3KBFd4LPC9bhE2"
    "FTN4PT158PuJ8PClZIe/dq/Pf+pevzo9+Vp2aIPj+wNjENR0VNWDagILrEcWjmAP/akC5j"
    "GV3QAeFkSIR4P3s0P+ulMC8tedjZDLqgc1oEKIuTf+h8CcVAHimMpWEAceu58Id96U8WqQ"
    "2oixqkuCnJiyKiCd1qsf3K87R6U8+qjApY/ScBsukXDoOMet30GNXBHyAU9qpuA2A9V2+H"
    "CA00kB2KOLq/7NqHv1i2x+wfm/lsKrO+rLmo4qXaVKX52m7LJuBP12MfoJyVf0x3DQV3Da"
    "XExd1WMkN/pDLvAa9oStM3spvT2GSVgcFiXMDOs+hea2MHNSszHzXps5Fl8mbXx7e/Eu37"
    "7xkDRpXM+jZlsq1suo/izpWymOv/rSBxXXTua5IVYYeyehfW+7hE7ZB7JSAF/A78CQLuQA"
    "GiRGt0EzhwlpVBqtly5erhOBuEPBt8MXE+Ev3d2b8+67vp85jLExX2LX1BNQyxq7Y6dK1r"
    "LZqkVnkS7BDE8VOPIr5G8O01FPjO37K0wtLS9ZjWpbhamqktMXIFgyT730k1IkZligJaYC"
    "slA0JogTJvIyVSXeQkuXwgOTaS0klgA0Zhz6gUb9lmQ7xLJkAtxGvwUlHK8gEebQNraI2V"
    "IZ65I6JEhgQUJVMrFN7gpuLZRXm6AEq8Fj6WQMKR1UyietoQNV6aBaWuwSgzpUGqBKH5HW"
    "5o42ZsXVJuXdz8eP58La9xOP+R6mepJ/Tn7Q9m6CbhUkwf7oqZI2RBpNClwiBU6MgbIYJ5"
    "RqCPOz5MEWZlMPlrJKzhzTqSHOZyVQPtuI8Vka4RcLlveMZXjKVByheYctD9JEP/TIYtqj"
    "DLurfFQzqilsxytBeK1w7V0Oe4mcEry0dzHoXn98ddX9/etEYnk5HPwYysdt0Ps46nfTDG"
    "UYo5XmJ0OFGk4Xx6cl5ovjdLoeTRiyKgkvhlhh4YgcXvKCiXyA4yopjKm/IB4axlP5I77p"
    "HJ98e3L2+vTkrCWDKLkKhiXfFsB+MRilMA2yiQyixaxUpNUwUnvNSDX88hdhZkkqbGHjmN"
    "oODHw46//B2dfCXOjEde1qyXVCq347cp2jMjtyILU58TtSO3IZ0vllONIbYnguFav+HVH0"
    "boYmTQq0iphSHojqRMqWJEsVkTmDRsEpTEmUYsOwPVBXVCYPWbqUqbQhk3yq3x9S/bXR0B"
    "MWvSNcHfSRedtbSaSygATFzGarhe3xNhqAgotmNgCEMHIw50vbNZE66KNOpTzxoE9sHXuE"
    "bUxBVpHU3L6f5ErbMJv7yGwqqCpMvaF8DfO6XZ2laoLULyyICdaPipxfUquh/VKUiCHsqi"
    "xqXKfBM4kndarM8r50/QLrkzclpviTNxuneFmVQ/ZD1Ftt5yqpVT+cO2/KcKQgVbBzlWFJ"
    "XQJfColf3qRQtEkY16of1LuPWkwigvMqSYx/vhkONrCma410pEINgf5DFuWHSEkXACuxSI"
    "QnIaDrfZYY1uc5uyyygV6zcVjXQ3b7iejWZ+ygfzS4vbx8qUN2N2Aj+D4wk5bHHkW1rULq"
    "yJfT52RVkjeCJpGDaXjMTjYgqSOI3FF0pyx10m4e6LTRaEaQ49I7cBM0w9ZEEkSEGe7KAb"
    "9BHriC5IKkPDzROyibuPYC3fTPr8HeH/ofv1Nn9BxvbFFj3YJ65TNiluSPNhIs82oL6fwJ"
    "K+iXfYUKW1PbpWK2qAJ3QqmGbMvud9H9caL/s5xXiV2SWk388oT4JZjr9PUcl7VD0XGdXP"
    "Utj+wckCme68xOQz5uY42DIx9dMIK7lZmTms0++b5ZeU82b1XGkxN1h5nQ5nhbZhMlA+1u"
    "sB/b8v9JAgTG8m7E2L7PBtgs3Lxto2FS9i36m8jHv9VOLEdTiKlZKyjUDbk3Sw3sVy/V1R"
    "aODHvhYBgFaiPY99xt9mWTU+bjl0wUNLEN0iDpavZI93GPVPlPldh9rVDDuP1ZLiWkRmhl"
    "rJOqtUtRn+WG/gQ61tVLBbQTSvUj03d28OrFb9zsNcw7vnAj/7sPrKLhEasqOOeo1nLOLr"
    "PvCVIFc3Zm55NyXV4cvsvx655tWwSzDVFIXC+d3oPic6EdTt+fObsfDi8TSUbvYpQC+faq"
    "179+daywByHqU+7ZGw0AHPcg3M3fyXgM84TqZ4R9XXKwuPsRxh1xKXSUx2kVIZ9VbrCvgH"
    "14NFe/wxaFRGmSew37scsA+W00jMe+MR4NffnFmdlzzC3NnNRsBvO+WbkCfRm5Q86/bE0t"
    "tkED7z9cEwsrTLPW3/CfYg9zmGcObaQWyMx1mO0By1zDOcgRkwXsOenxLoR2xkzLIciDml"
    "YRRY4jmcc48s0wPOEMSB6BvPHOeS5/nHPbPHCL/SXXdnLVfDNfDNE+D8ZZWR4iptLwD+X4"
    "BzmoKiAciNcQ3eNSpOVxAWl5nCUtoUeRe6h980mamEpzjKbiMZoX3et9+B8oi6bY"
)
