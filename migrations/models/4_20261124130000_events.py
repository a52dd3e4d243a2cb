"""Looking events up by session and request; keys that are published before they sign."""

from tortoise import BaseDBAsyncClient

RUN_IN_TRANSACTION = True

UPGRADE = """
ALTER TABLE "signing_keys" ADD "active_from" {moment};
CREATE INDEX "security_events_session" ON "security_events" ("session_id");
CREATE INDEX "security_events_request" ON "security_events" ("request_id");
"""

DOWNGRADE = """
DROP INDEX "security_events_request";
DROP INDEX "security_events_session";
ALTER TABLE "signing_keys" DROP COLUMN "active_from";
"""


async def upgrade(db: BaseDBAsyncClient) -> str:
    return UPGRADE.format(moment="TIMESTAMP" if db.capabilities.dialect == "sqlite" else "TIMESTAMPTZ")


async def downgrade(db: BaseDBAsyncClient) -> str:
    return DOWNGRADE


MODELS_STATE = (
    "eJztXFFv4zYS/iuEXm4L+IzEm02D7aGAk/W26Sb2IXGu3R4OKi3RNmuZUkUqjrGX/94hJV"
    "miJDuS42xsrV4Cm5zhxN+MSM7Hob4Yc9cmDm8PGBnSORm6M8KM9+iLwfCcwIfC/hYysOcl"
    "vbJB4JGjFFxGTAGippCyqg+PuPCxJaB7jB1OoMkm3PKpJ6grzRlqXI7cMXIom3FEGXKIEM"
    "RX+rZrwQCUTaRoV4n8gyM1/nvkMmeJqOBoivm0hcauD00EBZz4CDNbffEC33Ol3YnryhaL"
    "qC4pi9FiSh3SlnYCRv8K5D8+IWJKfLD23/9BM2U2eSBcfv1ijClxbPXZkCZMakvNyIAhxc"
    "mD5xPO4ZfxeIQYzAw2phxBgbf0VL+h1AEr9eWxhTR7U/hkYtuWo1e1JHU3WJKq3sxUxjT3"
    "K3VTQis1VL8Zj3Exxf5HGg1sj0zLdYI5y2t5SzF12UoNXClbJ4QRHwtip6KCBY4TxVHcFP"
    "oEGoQfkJUz7KTBJmMcODK2pHb4nyRthmn2B0Pztjc0TSMXd7FGKr6iJgswBXQoE1zhMccP"
    "pkPYREzh6+nJY2gnwSOUkgb/0725+Ll78+b05Dtp0IXADx+MftTTUV2PaggssJl4OIE9jq"
    "cKmKdUdgN43JAgnjy8Xx3yt50SkL/trIVcdj2qByqGmAejPwnMSRUgTqlsBXEUsfuJcOdd"
    "magGqbUYqz4dZG3KqoB0Vq9+cL/tHJWK6KMNIX2UhdvyiYTDxAVh/QF65IpQDLiumYHbjl"
    "Tb8YcDnE42gD28vO7dDrvX/5bDzzn/y1F4dYc92dNRrctM65vTjF9Wg6BfL4c/I/kV/T7o"
    "9xScLhcTX1lM5Ia/ywXewIFwTeYuZLSnMImb4ybNzbDuUxhuCzfrmo2b99rNqf2l7uO7u8"
    "sPxf5Nb0l15wYBtdtSsV5ODWfJ0Etp/NUvfVT72vGscIsV7711aD+6PqET9oksFcCX8H9g"
    "SBcKAI0So7tomMOENGlN1ksfL1aJQDqg4LfDLyYiXLq7txfdD70wcxhha7bAvm1qUMset+"
    "NmWlay+a55Z55twQxPFDjyV8j/OU5HAzFyH64xdYyiZDXpbW1MVZWcOQfBknnqVZiUIjHF"
    "Ai0wFZCFohFBnDBRlKkq8RZa+BQ+MJnWQmIJQGPGwQ4MGo4kxyGOIxPgNvo1auF4CYkwh7"
    "GxQ+yWylgX1CNRAgsSqpOJbXJXCGuhotoGJVgNnkonU0iZoFI+aY0DqIqBammxTyzqUemA"
    "KjYSrfWG1mbF1Sbl3c/HT+fCxr/GAQsjTFmSf05+NPZugm5tSILDp6dK2pBoNClwiRRYew"
    "bKYqwp1RDmF8mDHcwmASxllYI5pVNDnM9KoHy2FuOzLMKvtlneM5bhOVNxguY9dgJIE8Ot"
    "Rx7Tc8qwvyxGNaeawXa0FITXCtfzq8G5llNClJ5f9rs3n99cd3/7Tkssrwb9n2L5tA/OPw"
    "973SxDGe/RSvOTsUINp4vj0xLzxXE2XU8mDNmlw4thrzD3RAEveclEMcBplQzGNFwQDw3j"
    "ifwn/tk5Pvn+5Ozt6clZS26i5CoYt3y/AfbL/jCDaZRN5BDdzEolWg0jtdeMVMMvfxNulq"
    "TCFj5Oqe3AwYez/h+cfx3MhUl8362WXGta9TuR6xyVOZEDqfWJ35E6kcuRzq/Dkd4SK/Cp"
    "WPbuiaJ3czSpLtDaxJTySNQkUrYkWaqIzCkMCkFhS6IUW5YbgLqiMnnM0mVcZQyY5FNDe0"
    "jZa6NBIBx6T7gq9JF523tJpLKIBMXMZcu5G/A26oOCj6YuAIQw8jDnC9e3kSr0UVUpzyz0"
    "Sa1jT7CNGcgqkprb29FX2nLWIl+U4Gmz1iLNKmwtIA8TSXVTkWbD1+4rX6ugqrCgxPI1zF"
    "Z3VSHWbL2/sa1ZaiauMGPpWg2ZmSF6LOFW5YbTOg2eOp7UqzLLh9L1SxdO3pWY4k/erZ3i"
    "ZVfBEQbs5audx+la9cO5864M8wtSG87jctxvahdaAWpdq35Q737XYhMRVeHoGP9yO+iv4Y"
    "JXGtmdCrUE+j9yKD9Eon0DsBILbXsSA7o6PUphfVFwdiQHOG+OQ+taOrifiG5dOQj2Uf/u"
    "6uq1SgdvwUfw+8BNRhEnlvS2NhJioZw5I8uSbBgMiTxM4+JBOYAkxGDnjpKbcpn6wVmk00"
    "bDKUGeT+8hTNAUO2NJexFm+UsP4gYFEAqS4ZLy8IneQ9vYd+fotndxA/7+1Pv8g6o89IKR"
    "Q63VCOornxK7JCu2lmCZVVtIZ89YQb/ti2HYmbg+FdN5Fbg1pRqyLbuvDQifE/PPxazK3k"
    "XXavYvz9i/RHOduZrj8n7YVIRUqL5lIdIBueKlKpEa8nEbbxwc+SivJNwTU+4cqvo5o9qc"
    "/++zn33wgb/V46xrNl7eNy/vSemBymwLsqs4412fV8mssWRC1Y2qCVrhKz4gAZI3e0buQz"
    "6RYnHpQRsNdNn36A8iP/6h6gg4msAsxlpRo2nJygJq4bB7oS5mcWS5cw/DU6DKGMLI3aaq"
    "QF8anz4PV9Ckjvej5Lo5C9/Hs3AVP1VytJVCDfOzF7lSk3lCK2Otq9aOiniR90uMwbCpvl"
    "RAW1Oq36HJzsoGX/2+2F7DvOPrYvLdVLCKxgWCVXAuUK3lnF3mfBukNszZuRNuys0wUSxg"
    "c1zXIZit2YWk9bI0Dii+FNrx9P2VWZzB4EpLMs4vhxmQ767PezdvjhX2IETDo5X8fRwAjg"
    "ew3S0+sXoKc031K8K+ajlY3MMdxj3xKRgq4i43IZ9XbrCvgH1cWG7eY4dCojQufInAU1dZ"
    "isdoGI99Yzwamvqbc3Pg2Vu6WddsHuZ983IF+jIJh4IXDmcW22iAj59uiINFdF2luCYn+5"
    "7jw3zMc8U5mQUyd5lre8Byl8gO8onJA/aS9HgXtnbW1CggyKOe1iaKHCcyT3Hk62F4Rq1P"
    "EYG89o0JhfxxwbsSorDYX3JtJy9KWM8Xw24/vkdXlodIqTT8Qzn+QT5UFRCOxGuI7nEp0v"
    "J4A2l5nCctwaIovLywvmIqpdKUS1Usl3rVs97HvwHynIgw"
)
