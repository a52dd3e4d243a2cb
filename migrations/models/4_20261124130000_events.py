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
    "eJztXG1v4zYS/iuEvtwW8BmJN5sG20MBJ+tt003sQ+Jcuz0cVFqibdYyqYpUHGMv/71DSr"
    "Je7UiOs7G1+mJY5AwpPUORMw+H+mLMuU0c0R4wMqRzMuQzwoz36IvB8JzAn8L6FjKw68a1"
    "qkDikaMVOCOmBFFTKlldh0dCetiSUD3GjiBQZBNhedSVlKvuDN2uQHyMHMpmAlGGHCIl8b"
    "S+zS1ogLKJEu1qkX8IpNt/jzhzlohKgaZYTFtozD0oIsgXxEOY2frC9T2Xq34nnKsSi+gq"
    "JYvRYkod0lb9+Iz+5asbnxA5JR709t//QTFlNnkgQl1+McaUOLb+b6guTGorzbADQ4mTB9"
    "cjQsCTiaiFCMwMNqZqQYO3dHW9odUBK33xqFTdmam7TBlFq5vqgZWGrjejNi6m2PuoNRRy"
    "I9Pijj9neS13KaecrdQAYFU6IYx4WBI7YSvmO05o3agoQAoKpOeTFUR2XGCTMfYdZXGlHd"
    "xJXGaYZn8wNG97Q9M0cqMh0khYPSyyAFNAhzIpNB5z/GA6hE3kFC5PTx6DfmI8AinV4X+6"
    "Nxc/d2/enJ58pzrkMByD4doPazq66lE3gSU2YzvHsEdWroB5QmU3gEcFMeLxK/XVIX/bKQ"
    "H5285ayFWVgjyGWPijPwnMFBUgTqhsBXE4YvcT4c67MqMapNZirOvSIFseUXCYuADnD1Cj"
    "pqhirNOaGbjtULUd/TnA8b0B7OHlde922L3+t2p+LsRfjsarO+ypmo4uXWZK35xm7LJqBP"
    "16OfwZqUv0+6Df03ByISee7jGWG/5uqHvCvuQm4wsT20lMouKoKGVmWIgoNLeFmdOajZn3"
    "2swJNyRt47u7yw/F9k16Lmnj+j6120qxXkYNFqLASkn89ZM+akdrPCtc8yMXLQ3tR+4ROm"
    "GfyFIDfAn3gcGrLAA09J/vwmYOE9K4NF4vPbxYeabJAQXPDk9MZLBqd28vuh96gSs7wtZs"
    "gT3bTEGtaniHZ0pWsvmqeWeeLcEMTzQ46inUPUdRiy9H/OEaU8coimni2tbGiEbLmXMQLB"
    "nOXAWxC5JTLNECUwnBChoRJAiTRQGNFm+hhUfhD1PRD8QfADRmAvqBRoOWVDvEcVSc1Ea/"
    "hiUCLyFeEtA2dojd0oHNgrokjHNAQlcyuU2IA8Na6lFtgxKsBk/FNwmkTFDZENuoGawglq"
    "rSwbbRU7W5cvfT5NMxk/Gvsc8Cw+ue1M/Jj8bezZutDcFSMKirOPKxRhMqlQiVPGJRl4Yz"
    "SlmMU0o1hPlF4iUHs4kPK0ylwZzQqSHOZyVQPluL8VkW4VfzYfcs+H/OVByjeY8dH6K3wC"
    "PIY3pOGfaWxajmVDPYjpaSiFrhen41OE+FejBKzy/73ZvPb667v32XiveuBv2fIvmkDc4/"
    "D3vdLJMVuU6leaxIoYbTxfFpifniOBtFxxOGqkrDi8FXmLtS5BG+ZLIY4KRKBmMaLIiHhv"
    "FE3cQ/O8cn35+cvT09OWspJ0qtglHJ9xtgv+wPM5iGTn4O0c1kUazVEEV7TRQ1tO83YWYV"
    "629h44TaDgx8OOv/wdnXwUKaxPN4teA6pVXDjbKjozKB39HR+sBP1RVwwa9DXd4Sy/eoXP"
    "buiWZdc+xlWqC1icAUoahJlGxJDlPzi1NoFAaFrfhLbFncB3XNMIqIoMuYyhgwRXMG/SHd"
    "XxsNfOnQeyJ0moaK294rfpOF3CRmnC3n3Bdt1AcFD005AIQwcrEQC+7ZSKdp6OyFZ6ZpJN"
    "axJ4jGDGRPcY0ZNnP7ftIrbbneQluUoE+zvYWa5bvyCCAPE0n1rkLNhq/dV75WQ1VhQYnk"
    "axit7iqTqHG9vzHXLDETV5ix0loNmZkheizJq3LDSZ0GzzSe1K0yywfS9QsXTt6VmOJP3q"
    "2d4lVVwRYG+PLV9uPSWvXDufOuDPMLUhv243Lcb8ILrQB1Wqt+UO/ea7GJDJNj0hj/cjvo"
    "r+GCVxpZT4VaEv0fOVQcItG+AViFRco9iQBd7R4lsL4o2DtSDZw326F1zejbT0S3TuiD/l"
    "H/7urqtTL6bsFG8HxgJqOIE4trWxsJsUDOnJFlSTYMmkQuplFOn2pAEWLguaP4nFMmrW8W"
    "6rTRcEqQ69F7GCZoip2xor0Is7ylC+MG+TAUFMOl5OEfvYeyscfn6LZ3cQP2/tT7/INOCH"
    "T9kUOtVQv6UkyJXZIVW0uwzKotpLNnrKDf9gEi7Ey4R+V0XgXulFIN2Zbd5wYE74n552JW"
    "xXdJazX+yzP8l3CuM1dzXN4Om5KQCtW3TEQ6IFO8VCZSQz5uY42DIx/VSYF7YirPoaqdM6"
    "rN/v8+29kDG3hbvc5pzcbK+2blPUk90JFtQXQVRbzr4yoVNZYMqLphNkEr+EADBEDqUM+I"
    "P+QDKRalHrTRIC37Hv1B1N8/dB6BQBOYxVgrLDQtlVlALRxUL/R5KYEsPncxvAU6jSEYud"
    "tkFaSXxqf3wzU0ie39MLhu9sL3cS9cj58qMdpKoYbx2Yscqcm8oZWxTqvWjop42ymTzQZS"
    "G86LHWUxH0PHpr6ogHZKqX6bJjtLG3z182J7DfOOj4upbxjBKholCFbBuUC1lnN2mf1tkN"
    "owZ+d2uKkwg0CxgM3h3CGYrfFCknpZGgcUXwrtaPr+yizOYHCVCjLOL4cZkO+uz3s3b441"
    "9iBEg62V/HkcAE744O4W71g9hXlK9SvCvio5WNwDD+OeeBQ6KuIuNyGfV26wr4B9lFhu3m"
    "OHQqA0LvyIwFNHWYrbaBiPfWM8Gpr6mzOz79pbmjmt2bzM+2blCvRlPBwKPhebWWzDBj5+"
    "uiEOluFxleKcnOxXag/zNc8l52QWyNxhru0Byx0iO8g3Jg/YS9LjXXDtrKlRQJCHNa1NFD"
    "mOZZ7iyNfD8IxcnyICee0XEwr544JvJYTDYn/JtZ18KGE9XwzefnSOriwPkVBp+Idy/IN6"
    "qSogHIrXEN3jUqTl8QbS8jhPWkKPsvDwwvqMqYRKky5VMV3qVfd6H/8G4VjPXQ=="
)
