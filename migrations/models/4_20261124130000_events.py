"""Looking events up by session and request; keys that are published before they sign.

The indexes are built while others read and write, each in a step of its own, which may be repeated.
"""

from tortoise import BaseDBAsyncClient

RUN_IN_TRANSACTION = False

POSTGRES = (
    'ALTER TABLE "signing_keys" ADD COLUMN IF NOT EXISTS "active_from" TIMESTAMPTZ',
    'CREATE INDEX CONCURRENTLY IF NOT EXISTS "security_events_session" ON "security_events" ("session_id")',
    'CREATE INDEX CONCURRENTLY IF NOT EXISTS "security_events_request" ON "security_events" ("request_id")',
)

SQLITE = """
BEGIN IMMEDIATE;
ALTER TABLE "signing_keys" ADD "active_from" TIMESTAMP;
CREATE INDEX "security_events_session" ON "security_events" ("session_id");
CREATE INDEX "security_events_request" ON "security_events" ("request_id");
COMMIT;
"""

DOWNGRADE = """
DROP INDEX "security_events_request";
DROP INDEX "security_events_session";
ALTER TABLE "signing_keys" DROP COLUMN "active_from";
"""


async def upgrade(db: BaseDBAsyncClient) -> str:
    if db.capabilities.dialect == "sqlite":
        done, _ = await db.execute_query("SELECT 1 FROM pragma_table_info('signing_keys') WHERE name = 'active_from'")
        return "SELECT 1" if done else SQLITE
    for step in POSTGRES:
        await db.execute_script(step)
    return "SELECT 1"


async def downgrade(db: BaseDBAsyncClient) -> str:
    return DOWNGRADE


MODELS_STATE = (
    "eJztXV1z2zYW/SsYvmw6o2psWXFdd2dnZEfZurGlHVvebNrpsBAJSagogCVByZps/nsvQF"
    "L8ECmTshzTDF8yJnAPQJ0LgjgXF8xnbcFNYrntD4yv2DuypAbRztFnjeGF/COruoU0bNtR"
    "pSwQeGwp+7k01E1lqWrw2BUONgRUTrDlEigyiWs41BaUMwn5OCMOQZ5LHBfN8JIgi0+nxE"
    "SUSbzJDWiAsqk07SG/ZSRmWCCsQIBxIwji7BzJmzfReI2ocJHB+ZxCt9wJSxgRK+7MEWYm"
    "uocWvu9NCRNt2ZvH6F8e0QWfEgG3BX3+9psme5GVAU7ZQZGOJUz7/Xe4pswkD/CDwV5e2n"
    "N9QollJqikpkSqcl2sbVV2f3/17r2ylD91rBvc8hYssrbXYsbZxtzzqNmWGFkHvRMHC2LG"
    "qGWeZQWuCIv8nwQFwvHI5lbNqMAkE+xZ0kHaPyceM6RfkOpJ/tP9V3BrMTNdHwxH+l1/pO"
    "valj/lLaT8FhQZnMmxQJmQRH3+4rcbEaJKNdnB5c+92zcnp98pCrgrpo6qVHRpXxQQC+xD"
    "FekRyzEnJam+nGEnm+oYJMU33O4+TIcFEdXR0A9JDGl6BmK1BX7QLcKmYgaX3R93EP3f3q"
    "3iuvuj4prDk+o/x4OgpqOqJOURxbHBX4LlJKqGRHfenhZgGqxyqVZ1Sa4n1HGF7hLCdJxB"
    "9zsgS9AFyaZ8C5xi3QzQ7fCPV+iDHZSPrm76d6PezX9k8wvX/ctSlPVGfVnTUaXrVOmbtH"
    "c2jaCPV6OfkbxEvw4H/fTUtLEb/arJe8Ke4Dq8DHVsxjkJi8OihLMtvL+v09jG1ZV29YQ7"
    "Uy7Efo91CnsAVwdLgcbTh/e0eu+VW/vFIIdcAFbXqY+s9+SSejLPXO6Fa/Mkte+5Q+iUfS"
    "BrRfAV3AdmvnRJERrom/ugmddJaVQaPcoOXm00SHxAcanOLCL81Vrv7rL3rq8phsfYmK+w"
    "Y+oJqmUN7/BUycZ2u2rRWaRLMIN1nxn8CnnPAetDRkYwP434nDAtQ3Um6lu7ZCdnINrAFJ"
    "Qb2BYUnqpdF/EJsiibu1I9AjECdGiG8JQm/3CRav8cVKbla0kQn7MWghkZinwRq2SlvLA9"
    "B8Yy9DvlXJaAbJVV0haj1YxaJE9yphTlZy3iMzE3+B1o0pw82PDMuPDLNrSHZKa40cNHJn"
    "wENAUHrtSFmrti/c3kcwXTnWy9bE+zYHLL6SlXKSu4LqktIzCSqMMIjMc181eTF6fdAuri"
    "tJsrLmTVbukcjqcSnMcgNVR0J50ClJ90cimXVUk553rjP4lRSjfHIHtRXLGlXVozFxnVYL"
    "VDM3fTJCemrBJMp3H1o/ukc1RoRB/tGNJHaboNh0g69hAySWSjWCutY+C9T6G5PdycRDZu"
    "rrSbG7nayNVGrmbLVU+M+cMNppaWJVaj2tZOqars9AUYFtSp174o9Tc9V5gKUKFoTJAb7K"
    "Wklaoyb6GVQ2WQUMpaEJZANGYu9nf3VEuyHWJZUgC30cegxMVrEMIutI0tYraUYl1RmwQC"
    "FixUZf526S7tCsNaqFFtAgjeBo/JyRhTOkCKi9ZwAJXpoJwsdohBbar2f0v0EaHyO2r2j1"
    "90/9h/esrIhgjRSOACEjjxDBTlOAGqIc3PooMtzKYevMpKDeYYpoY8nxVg+SyX47PMTIiX"
    "WCxXLMrwlKk4YnOJLQ9kor/02Ob0gjLsrLNZ3YKmuB2vhZ+OVhteL66HFwlNCaP04mrQu/"
    "305qb3v+8SwvJ6OPh3aB/3wcWnUb+XjlCGa7TC8ckQUMPp4rhIRs9xfkLP8VY+D4a1wsIW"
    "GXHJKyayCY5DUhxT/4X42jieypv4vnPc/aF7dnLaPWvJRZR8C4YlP+yg/WowSnEaqIktRn"
    "dHpSJUE5GqdESqiS9/E26WQYU9fByDNXlQVfavSlAkjsPLiesEqn47cp2jIjtyYJUv/I7U"
    "jtxW0PllYqR3xPAcKtb9JVHh3a0wadKgtStS6gamOpG2hU+TYIFm0CgMClMGSrFhcA/gKp"
    "TphlG6lKu0IZPxVL8/pPpro6EnLLokrkr0kbrtXAZSWRAExYyz9YJ7bhsNAOCgGQeCEEY2"
    "dt0Vd0ykEn1UVsoTE31i77FHoo0pykoGNffvJ/mmLdZb4IsCcdp0bwGyTLQWmIeJpHxXAb"
    "KJ11Y1XquoKvFCCe1rqFYPlSHWLL2/saVZbCYuMWMlUU0wMxXoMQQvGxuOYxo+k3xSu8ws"
    "71vXTy503xY5zPk2/zDn28oc5qw0z89yljO2Ci1BdRJVP6oPv2oxiQiycJIc/3I3HOTEgj"
    "eI9EqFGgL9H1nUfY2B9h3ESi4Sy5OQ0M3uUYzry4y9I9nARbMdWtfUwWoyunfmIPSPBvfX"
    "1y+VOngHPoLfB27SsmJiUW1rZ0DMt9PnZF0wGgZNIhvTMHlQNiADYrByR9FJuVT+4DzAtN"
    "FoRpDt0CUMEzTD1kSGvQgznLUN4wZ5MBRkhEvaw190CWUThy/QXf/yFvz9of/pJ5V5aHtj"
    "ixqbFtSlOyNmwahYboBlXu5FOn/CG/TbPhiGrSl3qJgtytCdANUw2nL43AD/OdH/XGV8vS"
    "Z/7ZJENeuXJ6xfgrlO38xx237YlYSUCd8zEekVueK5MpGa4OM+3nh1wUd5JGFJdLlyKOvn"
    "FLTZ/6+ynx3wgbPX45xENl6umpcrknqglG2GugoVb76uUt+eLCaoekE2Qcv/xAcIIHmyZ8"
    "wftoUUC1MP2miYtD1HfxD55x8qj8BFU5jFWCso1A2ZWUAN7Fev1MEs+RnLhY3hKVBpDP7I"
    "3SerIPlqfHw/XFET294PxHWzF17FvXA1fspotA2ghvrsWY7UpJ7Q0lwnobULRTzL9yUm0L"
    "GuLkqwnQDVb9PkYGmDL35erNI0H/i4mPw2FbxFwwTBMjxnQGs5ZxfZ3warHXP21g43dXVf"
    "KGZEczi3CGY5q5A4Lh3GAeBzsR1O3185ijMcXidExsXVKEXy/c1F//bNseIejKi/tbJ9Hg"
    "eIcz1Y7mbvWD3GeQL6FWnflLxa3v0VxpI4FDrKil3uYn4b3HBfgvswsVxfYouCUJpkfkTg"
    "saMs2W00EY+qRTyaMPU352bPNvd0cxLZPMxV83KJ8GUs9yD9/9ykXrUB/P2HW2JhERxWyc"
    "7ISf3fOq/zGd/KzEk8PBmfZ96fr/RXoetIWMbRt/0J2zpy9yrnl23CnnMzoQcLYWOmZWwn"
    "BDWtXRsKOLJ5bEchn4YnZEZlhdtzvy+RGW3P+LJEMCyqG4o8yGcl8qProI3CU4dFozYxSB"
    "OtKRatkQ9VCYYD8xqye1woxHu8I8R7vB3ihR5F5lGP/PyyGKRJLiuZXPaiO+Nf/gYtMZZN"
)
