"""A user of the Sentinels' own, and one of Redis, with what docs/outages.md names and no more."""

from __future__ import annotations

import re

import pytest

from service.core.redis.client import connect
from service.core.redis.facts import sentinel_facts
from service.core.redis.scripts import Script
from service.errors import Misconfigured
from service.settings import load_settings
from tests.outages.test_redis import DOCUMENT
from tests.servers import Redis, Sentinel
from tests.servers.sentinel import HOST, MASTER
from tests.support.stores import SECRET
from tests.support.waiting import eventually

pytestmark = pytest.mark.real_only


def rights(user: str) -> list[str]:
    """What the document gives a user, in one ACL SETUSER."""
    found = re.search(rf"^ACL SETUSER {user} on >PASSWORD (.*?)^```", DOCUMENT, re.MULTILINE | re.DOTALL)
    assert found is not None
    return found[1].split()


async def test_what_the_documents_say() -> None:
    """Master and Sentinel are asked as different users, and the change of the master is listened for."""
    with Redis.start() as redis, Sentinel.watching(redis.port) as sentinel:
        redis.call("ACL", "SETUSER", "latchkey", "reset", "on", ">of-redis", *rights("latchkey"), "+role")
        sentinel.call("ACL", "SETUSER", "watcher", "reset", "on", ">of-sentinels", *rights("watcher"))
        url = f"redis+sentinel://latchkey:of-redis@{HOST}:{sentinel.port}/{MASTER}?sentinel_username=watcher"
        right = connect(
            load_settings(REDIS_URL=f"{url}&sentinel_password=of-sentinels", SECRET_KEY=SECRET, _env_file=None)
        )
        await right.probe("user:probe")
        await eventually(lambda: re.search(r"cmd=subscribe user=watcher", sentinel.call("CLIENT", "LIST")))
        facts = await sentinel_facts(right)
        assert facts is not None
        assert (facts.masters, facts.answering, facts.can_fail_over) == ((f"{HOST}:{redis.port}",), 1, False)
        await right.close()
        wrong = connect(load_settings(REDIS_URL=f"{url}&sentinel_password=of-redis", SECRET_KEY=SECRET, _env_file=None))
        with pytest.raises(Misconfigured) as caught:
            await wrong.run(Script("any", "return 1"), ["key"])
        await wrong.close()
        assert "sentinel_password" in caught.value.fix
