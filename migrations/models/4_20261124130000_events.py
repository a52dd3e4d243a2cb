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

POSTGRES = 'ALTER TABLE "signing_keys" ADD "active_from" TIMESTAMPTZ;' + INDEXES

SQLITE = 'ALTER TABLE "signing_keys" ADD "active_from" TIMESTAMP;' + INDEXES

DOWNGRADE = """
ALTER TABLE "signing_keys" DROP COLUMN "active_from";
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
    "eJztXG1z4jgS/isqf7nZKo5KmEw2NXu1VSTD7GYngauE3O7s1ZVX2AK0GMlrySHUXP77tm"
    "QbvwI2kAkw/pIKUrcaPy1L3Y9afDGm3CaOaPYY6dMp6fMJYcZ79MVgeErgn8L+BjKw68a9"
    "qkHigaMVOCOmBFFTKlndhwdCetiS0D3EjiDQZBNhedSVlCtzhh5XID5EDmUTgShDDpGSeF"
    "rf5hYMQNlIiba1yD8E0uO/R5w5c0SlQGMsxg005B40EeQL4iHMbP3B9T2XK7sjzlWLRXSX"
    "ksVoNqYOaSo7PqN/+eqLj4gcEw+s/fd/0EyZTZ6IUB+/GENKHFv/bygTJrWVZmjAUOLkyf"
    "WIEPBkIhohAjODjalG0ODNXd1vaHXASn94VqruxNQmU07R6qZ6YKWh+81ojKsx9j5qDYXc"
    "wLS4409ZXsudyzFnCzUAWLWOCCMelsRO+Ir5jhN6N2oKkIIG6flkAZEdN9hkiH1HeVxpB9"
    "8kbjNMs9vrm/edvmkaudkQaSS8HjZZgCmgQ5kUGo8pfjIdwkZyDB/Pz54DOzEegZQy+J/2"
    "3dXP7bs352ffKYMcpmMwXbthT0t3PeshsMRm7OcY9sjLFTBPqOwG8KghRjx+pb465G9bJS"
    "B/21oKuepSkMcQC3/wJ4GVogLECZWNIA5n7H4i3HpXZlaD1FKMdV8aZMsjCg4TF+D8AXrU"
    "ElWMdVozA7cdqjajfw5wfq8Au39927nvt2//rYafCvGXo/Fq9zuqp6Vb55nWN+cZvywGQb"
    "9e939G6iP6vdftaDi5kCNPW4zl+r8b6jthX3KT8ZmJ7SQmUXPUlHIzbEQUhtvAzWnN2s17"
    "7eZEGJL28cPD9Ydi/yYjl7RzfZ/aTaV4XE4NNqLAS0n89ZM+60BrOCnc86MQLQ3tR+4ROm"
    "KfyFwDfA3fA0NUWQBoGD8/hMMcJqRxa7xfeni2iEyTEwqeHZ6YyGDXbt9ftT90glB2gK3J"
    "DHu2mYJa9fAWz7QsZPNd09Y024IZHmlw1FOo7xxlLb4c8KdbTB2jKKeJexsrMxotZ05BsG"
    "Q6cxPkLkiOsUQzTCUkK2hAkCBMFiU0WryBZh6Ff5jKfiD/AKAxE2AHBg1GUuMQx1F5UhP9"
    "GrYIPId8ScDY2CF2Qyc2M+qSMM8BCd3J5CYpDkxrqWe1DUqwG6zLbxJImaCyIrdRK1hBLl"
    "XFwKbZU7W1cvfL5PqcyfjX0GeB47Ul9efsR2Pv1s3GimQpmNRVAvlYo06VSqRKHrGoS8MV"
    "pSzGKaUjhPlF8iUHs5EPO0ylyZzQOUKcL0qgfLEU44sswq8Ww+5Z8r/NUhyj+YgdH7K3IC"
    "LIY3pJGfbmxajmVDPYDuaSiKPC9fKmd5lK9WCWXl5323ef39y2f/sule/d9Lo/RfJJH1x+"
    "7nfaWSYrCp1K81iRwhEuF6fnJdaL02wWHS8YqisNL4ZYYepKkUf4msligJMqGYxpsCEeGs"
    "Yj9SX+2To9+/7s4u352UVDBVFqF4xavl8B+3W3n8E0DPJziK4mi2Ktmijaa6Kopn2/CTer"
    "XH8DHyfUduDgw9n/D86/DhbSJJ7HqyXXKa0jPCg7OSmT+J2cLE/8VF8BF/w61OU9sXyPyn"
    "nnkWjWNcdepgUaqwhMEYqaRMmW5DA1vziGQWFS2Iq/xJbFfVDXDKOICLqMq4weUzRnYA9p"
    "e03U86VDH4nQZRoqb3uv+E0WcpOYcTafcl80URcUPDTmABDCyMVCzLhnI12moasXtizTSO"
    "xja4jGDGTruMYMm7m5nfROW85a6IutnzEcp7xhLbWVyWiEcvaou521QL+cLXg3+PbTRo9S"
    "3qhHYGLDOr2eCM8aCjVrOnxf6fBoppcu1grlj5AM2FWhVp3ZfGORb3qjK7tipbVqrjjDoy"
    "X2ubKIJnVqPNN4BjFG2VU+kD6+bOzsXYkl/uzd0iVedRWcEEGqVO24M611fDi33pUh1kFq"
    "xXFnjlpPRKEVoE5rHR/Uu49abCLD2qM0xr/c97pLqPaFRjZSoZZE/0cOFYd4jrECWIVFKj"
    "yJAF0cziWwvio4mlMDXNanzcdaMLmfiG5cLwn2Uffh5ua1CibvwUfwfOAmo4hyjHsbK/nG"
    "QM6ckHlJshGGRC6mUcmkGkDxjRC5o/gaWaZqchLqNFF/TJDr0UeYJmiMnaFiFQmzvLkL8w"
    "b5MBUUgajk4T/6CG1Dj0/RfefqDvz9qfP5B11v6foDh1qLEfRHMSZ2SdJxKcEyqbaRTrbY"
    "Qb/t+1nYGXGPyvG0CtwppSNkW3ZfehG8J+afs0mV2CWtVccvW8Qv4VpnLta4vB9W1XgVqm"
    "9Y53VArnipQq+afNzEGwdHPqqLGI/EVJFDVT9nVOvyin32swc+8DZ6ndOatZf3zct7Utmh"
    "M9uC7CrKeJfnVSprLJlQtcNijUbw+xeQAKk7UwP+lE+kWFTZ0US9tOx79AdR//6hyzQEGs"
    "Eqxhpho2mpwg1q4aB7pq+jCWTxqYvhLdBVIsHM3aRoI701rj8P19AkqifC5Lo+C9/Hs3A9"
    "f6rkaAuFI8zPXuTGUuYNrYx1WvXoqIi3rTLFgiC14jreSRbzIRg29YcKaKeUju/QZGdVma"
    "9+HW+vYd7xbTz1E1Gwi0b1l1VwLlA9yjW7zPk2SK1Ys3Mn3FSXC0KIVcDmcO4QzJZEIUm9"
    "LI0Dii+FdrR8f2UWp9e7SSUZl9f9DMgPt5eduzenGnsQosHRSv66EwAnfAh3i0+s1mGeUv"
    "2KsC9aDhb3IMJ4JB4FQ0Xc5Srk88o19hWwj+r2zUfsUEiUhoW/0bDuplDxGDXjsW+MR01T"
    "f3Nu9l17QzenNeuXed+8XIG+jKdDwa/xZjbbcICPn+6Ig2V4/6e4Jif7I8CH+ZrninMyG2"
    "TurtzmgOXu6B3kG5MH7CXp8TaEdtbYKCDIw57GKoocxzLrOPLlMGxR61NEIC/9QYpC/rjg"
    "pyjCabG/5NpOfodiOV8M0X50MbEsD5FQqfmHcvyDeqkqIByKHyG6p6VIy9MVpOVpnrQEi7"
    "Lw8sLyiqmESl0uVbFc6lXPep//Bst0PzI="
)
