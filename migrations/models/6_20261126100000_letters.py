"""Letters take turns, and each mailbox has its budgets; links that were asked for on a known device."""

from tortoise import BaseDBAsyncClient

RUN_IN_TRANSACTION = True

COMMON = """
ALTER TABLE "outbox_mails" ADD "lane" SMALLINT NOT NULL DEFAULT 1;
ALTER TABLE "outbox_mails" ADD "turn" BIGINT NOT NULL DEFAULT 0;
ALTER TABLE "outbox_mails" ADD "domain" VARCHAR(255) NOT NULL DEFAULT '';
UPDATE "outbox_mails" SET "lane" = 0
    WHERE "letter" IN ('verify_address', 'reset_password', 'set_password', 'confirm_new_address');
DROP INDEX "outbox_mails_due";
DROP INDEX "outbox_mails_recipient";
CREATE INDEX "outbox_mails_turn" ON "outbox_mails" ("state", "lane", "turn", "created_at");
CREATE INDEX "outbox_mails_mailbox" ON "outbox_mails" ("recipient", "state", "turn");
CREATE INDEX "outbox_mails_domain" ON "outbox_mails" ("domain", "state", "turn");
"""

POSTGRES = """
ALTER TABLE "one_time_tokens" ADD "by_known_device" BOOL NOT NULL DEFAULT False;
CREATE TABLE "mail_budgets" (
    "key" VARCHAR(64) NOT NULL PRIMARY KEY,
    "full_at" TIMESTAMPTZ NOT NULL
);
COMMENT ON TABLE "mail_budgets" IS 'How much mail a mailbox has had';
"""

SQLITE = """
ALTER TABLE "one_time_tokens" ADD "by_known_device" INT NOT NULL DEFAULT 0;
CREATE TABLE "mail_budgets" (
    "key" VARCHAR(64) NOT NULL PRIMARY KEY,
    "full_at" TIMESTAMP NOT NULL
) /* How much mail a mailbox has had */;
"""

DOWNGRADE = """
DROP TABLE "mail_budgets";
ALTER TABLE "one_time_tokens" DROP COLUMN "by_known_device";
DROP INDEX "outbox_mails_domain";
DROP INDEX "outbox_mails_mailbox";
DROP INDEX "outbox_mails_turn";
CREATE INDEX "outbox_mails_recipient" ON "outbox_mails" ("recipient");
CREATE INDEX "outbox_mails_due" ON "outbox_mails" ("state", "due_at");
ALTER TABLE "outbox_mails" DROP COLUMN "domain";
ALTER TABLE "outbox_mails" DROP COLUMN "turn";
ALTER TABLE "outbox_mails" DROP COLUMN "lane";
"""


async def upgrade(db: BaseDBAsyncClient) -> str:
    return COMMON + (SQLITE if db.capabilities.dialect == "sqlite" else POSTGRES)


async def downgrade(db: BaseDBAsyncClient) -> str:
    return DOWNGRADE


MODELS_STATE = (
    "eJztXW1v2zgS/iuEvlwLeIPEcV6aOxxgp+k217wcEud63cVCS0u0zbUseiUqjtHtf98ZSr"
    "JeLCmSE6eKqy9tTM6I8jPUcObhiP6qTYXJLHfnky3m9nt2zw2mnZCvmk2n+EdWd4todDaL"
    "OrFB0oGl5CcoqJtKUvXQgSsdakjoHFLLZdBkMtdw+ExyYaPK5zFzGPFc5rhkTO8ZscRoxE"
    "zCbdQ3hQEX4PYIRbvEvzKRYyoJVUqg40YqRNgnBG/eJIMF4dIlhhATDsMKJ2yxmZwLZ0Ko"
    "bZI7uMJP3RGz5Q6O5tn8T4/pUoyYhNuCMX/9VcNRsDPQU3LQpFNU0377DT5z22QP8IVBHj"
    "/OJvqQM8tMQMlN1FTtulzMVNvd3fn7D0oSv+pAN4TlTe1IeraQY2EvxT2Pmzuog30wOnOo"
    "ZGYMWtuzrMAUYZP/laBBOh5b3qoZNZhsSD0LDaT9a+jZBtqFqJHwn86/g1uLien61XVfvz"
    "3r67q2Yk+8hZTdgiZD2DgXuC0RqK/f/OtGgKhWDQc4/di9ebN/+FZBIFw5clSngkv7phSp"
    "pL6qAj1COWakJNSnY+pkQx1TSeENt7sO0mFDBHU09UMQQ5g2AKw2pQ+6xeyRHMPHzrsCoP"
    "/XvVFYd94prAU8qf5zfBX0tFUXQh5BHJv8FVBOam0h0O2DwxJIg1Qu1KovifWQO67UXcZs"
    "nWbA/R7AknzKsiFfUU6hbgbaO+Efr9AGBZD3zy/Pbvvdy//i5aeu+6elIOv2z7CnrVoXqd"
    "Y3aessL0I+n/c/EvxIfrm+Oku7pqVc/xcN74l6UuiwGOrUjGMSNodNCWNbdH1bp3UbU9fa"
    "1EPhjISU6z3WKd1nMHUQCjSWfn5Lq3WvWuwXU3nOALC+Rn0k3sOQejjJDPfC2DwJ7QfhMD"
    "6yP7GFAvgc7oPafuqSAjTIb+6Cy7xOSKPW6FF26HyZg8QnlMDszGLSj9a6t6fd92eaQnhA"
    "jcmcOqaegBp7RFukWpayq13T9jTdQm2I+8zgW+A9B6hfUm71PBNyLS0j54z1topSzinI6Q"
    "MlWDLj/CjmZOoZY4KqkEbifwPxoDLJMTVX0s5rmxF/ACKGkGGyUGOHnEOTJy1+z1xIShmh"
    "hiE8W57AVW02Dz8SyFZVr2nCzHYJhyRUKAH/snm5Z9nUcsIWVULxQPx5YvDH08oXi8APOy"
    "UC8MNObvyNXcXZ5RDuYp0VO1Jr4rLardYry8v38YbgZfowAfpiwuwsf5joL/SI4KF0nEvg"
    "S0C2pFNU13XRwVncnrjIpcEyIZnjZtBwKPIP8HiocwIe0fKZNXCg4xaB+FQ5ScXOIcmGH2"
    "aeA7aCcUdCYIvBVBfKUjIfc4uVdIJftQjPRKTkD6ChOHuYoZ+Fb7aEPQQzhY0eBhDhA6kp"
    "dcBKfVCRXGy8MU7xwItXHWkceIackXKdu1LXEdoqPj6p1bj6yq4+nE8VMI+pbCG/td8uAf"
    "l+Oxdy7EqSW643+IMZlVjEmMpaENcs0U0ziGVmNUgVMIidNMgJl1UB6bTe9sG9394tNaN3"
    "C6b0bhruwUKP74GtIt4TwmLUzgY9QzuF+wDUN+VKli0vGyT2rq8vEvFh77yfQvzusnd282"
    "ZPGQKEuJ++nl/1U+gbDkNM1gjRk5pNlF67KD1uZoi6OFxuDTMnNRsz19rMDXXaUKcNdZpN"
    "FnhyIB6QItWyqIKot1VIFCg5HdnMkizBhU8J+AU4c8olkYIMGHGDff00T6DEW2TucNywQl"
    "IBeVAYxHapX2miroTXYZaF9MMO+Ry0uHShqFKXUYuZLcUXzPmMBfQBSKjO/NKdIuYAprVU"
    "s9qitvpfeo6iVWKBwGMJfgw9PVQvxyOEs6rKCNWYCocZfMYDqyy/rLrLKoMGRHf5cU0BKv"
    "bTBo2uUZUraWqsXqLGyn+qqySTkUZDjJQgRhIPb1mME0pbCPNG2BHw/iMPlthKkzmms4U4"
    "H5dA+TgX4+PMasHvEcTXjHt6iiuO0Lynlgfpqx8SZZBL3KbOIhvVFdU0s7SQfsn21uDau7"
    "juJXJdmKW986vuzZc3l93/v00kvBfXVz+H8nEb9L70z7pp3jqMbEqz1qHCFrqLvTJVr3v5"
    "Ra97KzWvFGKF6UxmsNXntswGOK6Swpj7C+Jrw3iEN/FTe69z1DneP+wctzCIwlUwbDkqgH"
    "2VGDUhNarOlkVaDVNWa6as4b1/CDMj2bGGjWNqTa1wne2riviZ44hqyXVCa/v2adu7ZfZp"
    "QSo/8dtd2acNab8kyLdTalm5UUao83IRxt5mw4v99tHhMrLAD0VBxe1l9+JiNbIIic90Ij"
    "LKhTHUeDkYdzcL47t2e3//qL27f3h80Dk6OjjeXYK62lUEce/8ZwQ4MYszYrklPVrWQ0Qa"
    "L5eAaJviNNOs0EEpVuiggBU6eJu1U/Z9NnZumeE5XC7O7pmdWRafFGgVbe+4gajOULb069"
    "hUkjFcFOaEibs7QQ27q/Zf3JC/T5lK1ciH4xE13g65DivjsTYUSZ0T3P2xg50bagt7MRWe"
    "u0OuQMEhYwEAEUpm1HXnwjGJqg1VhYxPrA0tv6eTgqzipsv64yTD8HKjBbYosY+UHi3QrL"
    "KbBMhDlFF9qECz2cyp62aOgqrCWhLKbyGV9VxFxU1e/oPlbTFPXMFjJbWanY4UC2xIUXXj"
    "KK7T4JnEk8+qeHlfevu4hE6ZbKGTnyx0DmpzGkqtcd7IYSixKLQC1Emt7YP6+aMWk8mgdD"
    "CJ8X9ur69yCIalRjpS4YYkfxGLu69xF64AWMQiEZ6EgC63lmNYn2ZsLOMFek2txLbWO9cT"
    "0bXLnWF8cnV3cfG96p1vwUbw/cBMWhYnFvW2CgkxX06fsEVJNgwuSWaUhxXPeAEkxPAQh+"
    "jl6lTR8yTQ2SH9MSMzh9/DNCFjag2R9mK24SxmMG+IB1MBGS6Uh7/4PbQNHTElt2enN2Dv"
    "T2df/qnKpWfewOLG8grqoztm5pOPjai2kE6esIKuQa68ugU0n2Oh1kg4XI6nVeBOKG0h2/"
    "L8hUP+c6L/Mc84/jE/dklqNfHLE+KXwNfpSx+XtTGYX6GYqb5mleIrMsWmyhQb8nEda7w6"
    "8hHfo7pnOkYOVe2cUm2Kg+psZwds4Kz1OCc1GyvXzcp1KT2QVEKcww0tK8VadrYKM6xQrM"
    "JRfGKIr4a6YgoJDJh5WXzQwgPbx8JzVnKsIi3/EHimFMkbrDwYsBG3Me9rkbv+6dsWEVht"
    "QC0LRP1s380//D0cX8HxpLPei0qiMjOrjIKo4MGrb2L1ggVR+elWaLMqPjLUaYKd2rnH+C"
    "Ko/l8xbcHZ/oH8FubPz8/7qzfEqjmupco2vXXzAu6rJku+IrMzVvuQ5M5f6NXvtZRb47tB"
    "AWHLPwgS1t7YqQJJ7tQOqw13yHVS9oT8zvDP31XpoEtGkLjYraBRN7CYkBvU756rAyTwp1"
    "+mMwqBr6pc9OfYOoWEyWz48RI4BU2soi/g05vytzqWv6n5U2VFWSps4ZKykVfsU09oZayT"
    "qlu3+7CRUwjVgdNVY6WE0vbVSWzqNaKXPz+i1jA/8/EReIIxrKLhOwFVcM5Q3Uqf/UwvwC"
    "SKBV3d54YzsoGi80sTei94cmnovl/twaUAnOtBuJtdpPIY5gnV5sDYCrj7EcY9czgMlEXa"
    "FSG/qtxgXwH78F0y/Z5aHBKlYeahYo+92p59jWaTo84sXrMz/UOY2ZuZa5o5qdk8zHWzcg"
    "X6MlZumP5t6NRSG6h/+HTDLCqD91Ozi3BTv0f9Op/xlWLcxMOT8SM+6+OV/u2gbQQs4233"
    "9QFbecv+VfqXVcA2uZnQhUDYGGsZ2wlBT6toQ4FGMo/tKOTD8IRi6Cy6/UfZr3/iMXP57D"
    "rkRuFBA2VZm5hKw9aUY2vwoaqAcCC+hejulaJ49woo3r1VihdGlJlvd+aXlMdUmnryivXk"
    "33Vn/NvfZFWrmg=="
)
