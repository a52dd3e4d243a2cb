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
    "eJztXW1z2zYS/isYfrl0RtX4RXFd9+ZmZEe5urGtG1u+XNrpsBAJSagogCVByZpc/nsXIC"
    "m+06Qsx7TCLxkT2AWoZ/Gyz2LBfNYW3CSW2/3A+Iq9I0tqEO0MfdYYXsg/8qo7SMO2HVXK"
    "AoHHlpKfS0HdVJKqBo9d4WBDQOUEWy6BIpO4hkNtQTmTKh9nxCHIc4njohleEmTx6ZSYiD"
    "Kpb3IDGqBsKkX7yG8ZiRkWCCsl0HEjFcTZGZIvb6LxGlHhIoPzOYVuuROWMCJW3JkjzEx0"
    "Dy18358SJrqyN4/RvzyiCz4lAl4L+vztN032IisDPSUHRTqWatrvv8MzZSZ5gB8M8vLRnu"
    "sTSiwzASU1paYq18XaVmX395fv3itJ+VPHusEtb8EiaXstZpxtxD2Pml2pI+ugd+JgQcwY"
    "tMyzrMAUYZH/k6BAOB7ZvKoZFZhkgj1LGkj758RjhrQLUj3Jf3r/Cl4tJqbrN8ORfjcY6b"
    "qWsad8hZTdgiKDMzkWKBMSqM9f/HYjQFSpJju4+Ll/++b45DsFAXfF1FGVCi7ti1LEAvuq"
    "CvQI5ZiRklBfzLCTD3VMJYU3vO42SIcFEdTR0A9BDGF6BmC1BX7QLcKmYgaPvR9LgP5v/1"
    "Zh3ftRYc1hpvrz+CaoOVJVEvII4tjgr4FyUmsPgT56e1IBaZAqhFrVJbGeUMcVuksI03EO"
    "3O8ALEEXJB/yjHIKdTPQ7oZ/vEIblEA+urwe3I361/+RzS9c9y9LQdYfDWTNkSpdp0rfpK"
    "2zaQR9vBz9jOQj+nV4M0gvTRu50a+afCfsCa7DZqhjM45JWBwWJYxt4e1tndZtTd1oU0+4"
    "M+VCbDetU7o7MHXgCrSW3r2l1b5Xz/eLqezSAWyuUR/x96RLPZnnunuhb56E9j13CJ2yD2"
    "StAL6E98DMpy4pQAN+cx808zohjUqjqezg1YaDxAcUl+zMIsL31vp3F/13A00hPMbGfIUd"
    "U09ALWv4EU+VbGSzVYujRboEM/D7zOBXyHcOUB8yMoL1acTnhGk5rDNR3ymjnZwBaQNRYG"
    "4gW5F4qnZdxCfIomzuSvYIwAjgoTnEU4r8w0Wq/TNgmZbPJYF8zjoIVmQo8kmsopXywfYc"
    "GMvQ75RzWQK0VVZJWYxWM2qRIsqZYpSftQjPxNrgd6BJcfJgw5xx4ZdtYA/BTGGjh1MmnA"
    "KaUges1MOXQv6q1HX5g+u4/Umt3bj9jzPZr+b0n/Qq+PwnvUKXX1aVE9rQyjUwj6nsIc86"
    "PqoA+fFRIeSyKkmyXG/8JzFqsdmYylYQN8zhSjPZKqMapEqYbC8NsuEQCccW/m5SsyU2jX"
    "Z3YSOi0NwWZk5qtmZutJlbVtOympbV5LMaT4z5wzWmlpbHaaLaTimjUXL6AgQr0pkrn7v4"
    "Z2MrTAWQFTQmyA1C7mlCo8Q7aOVQGUuS7Af4BwCNmYv9QyDVkmyHWJbkSV30MShx8Rr4kg"
    "ttY4uYHUVsVtQmAc8BCVVZfKpWRnFgWAs1qk1Qgt3gMX4TQ0oHlRJuI1ewHC5Vp4Nt2VN7"
    "+vc1Tv/8QV3HkY80WqpUgSo5xKA2rXn0l1DaQ5ifhS9ZmE092GFqDeaYzh7ifFoB5dNCjE"
    "9zz7FfwodtGPl/ylIcobnElgfszfcIspieU4addT6qGdUUtuO18JOJ9gbX86vheYLqwSg9"
    "v7zp3356c93/33cJvnc1vPl3KB+3wfmn0aCfjmSFrlPlOFaosIfLxWGVfIzD4nSMw0w2Bg"
    "ZfYWELN4vwJRP5AMdVUhhTf0N8bRhP5Ut8f3TY+6F3enzSO+1IJ0rugmHJDyWwX96MUpgG"
    "Tn4G0fJgUaTVBooaHShqw77fhJkl19/CxjG1NoulyfZV6WXEcXg9cp3Q2sODsoODKsTv4K"
    "CY+Mm6nFjwy4Qu74jhOVSsB0uioq6Z6GVSoFMWwHQDUZ1I2cp3AbBAM2gUBoUp45fYMLgH"
    "6irC6IYBupSptCGTYU6/P6T666KhJyy6JK5K05C87UzGN1kQm8SMs/WCe24X3YCCg2YcAE"
    "IY2dh1V9wxkUrTUNkLT0zTiO1jjwQaU5A9FmtMRTO37ye501brLbBFhfBpurdAs3pXDgHk"
    "YSGp31Wg2cZrmxqvVVDV2FBC+T1kq7vKJGpd72/MNYutxDVWrKRWG8xMBXoMwevGhuM6LZ"
    "5JPKldZ5X3pfePLvTeVrmK97b4Kt7bxlzFazTOz3ITL+aF1oA6qbV/UO/eazGJCJJjkhj/"
    "cje8KYgFbzTSngo1BPo/sqj7GgPtJcBKLBLuSQjo5vQohvVFztmRbOC8PQ7d14y+ZiK6dU"
    "If9I9u7q+uXiqj7w5sBL8PzKTlxcSi2k5pQMyX0+dkXTEaBk0iG9Mwp082IANi4Lmj6J5T"
    "Kq1vHuh00WhGkO3QJQwTNMPWRIa9CDOctQ3jBnkwFGSES8rDX3QJZROHL9Dd4OIW7P1h8O"
    "knlRBoe2OLGpsW1KM7I2bFqFhhgGVebyOdP2EH/bYvEGFryh0qZos6cCeU9jDasvvcAH+e"
    "6H+ucr49Uuy7JLVa/+UJ/kuw1umbNS5rh7IkpFz1LRORXpEpnisTqQ0+bmONVxd8lDcFlk"
    "SXnkNdO6dU2/P/JtvZARs4W03npGZr5aZZuSGpB4rZ5rCrkPEW8yr15cBqhKofZBN0/A80"
    "AAGSl3rG/CFLpFiYetBFw6TsGfqDyD//UHkELprCKsY6QaFuyMwCamC/eqXuS8mPEC5sDL"
    "NApTH4I3ebrILk1vj4ebiCJna8H5Dr9iy8iWfhavzU4WgbhT3kZ89ypSY1Q2tjnVTdu1DE"
    "8VGVbDaQKrkvdpD5gCF0rKuHGmgnlPbv0GRnaYMvfl+s0TDv+LqY/IYR7KJhgmAdnHNU93"
    "LNrnK+DVIla3bmhJu6uk8Uc6I5nFsEswIvJK6XDuOA4nOhHS7fXzmKMxxeJUjG+eUoBfL9"
    "9fng9s2hwh6EqH+0kr2PA8C5Hri7+SdWj2GeUP2KsG9KXi3uvoexJA6FjvJil2XIZ5Vb7G"
    "tgHyaW60tsUSBKk9yPCDx2lSW/jTbi0bSIRxum/ubM7NnmlmZOaraTuWlWrhG+jOUepP+X"
    "ktRWG6i//3BLLCyCyyr5GTmp/xnldc7xTGZOYvLkfFx3e7zS3/TdR8Byrr5tD1jmyt2rXF"
    "+ygD3nYUIfHGFjpuUcJwQ1nbIDBRzJPHaiUAzDEzKj8sLthd+XyI2253xZIhgWzQ1F7uSz"
    "EsXRdeBG4a3DqlGbmEobrakWrZGTqgbCgfgeontYKcR7WBLiPcyGeKFHkXvVozi/LKbSJp"
    "fVTC570ZPxL38Dwkjdeg=="
)
