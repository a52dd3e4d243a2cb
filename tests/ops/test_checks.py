"""The check-up's judgement, on facts that no server here can show."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from models import Job
from service.core.redis.facts import RedisFacts, RedisLoad, SentinelFacts
from service.core.sql.database import ServerFacts
from service.feature.findings import Level
from service.jobs.kinds import DAILY
from service.ops import growth
from service.ops.doctor import CHECKS, examine
from service.ops.facts import Facts
from service.ops.stored import JobFacts, job_facts
from service.runtime import Runtime
from service.settings import load_settings
from service.settings.guessing import estimated_bits
from tests.support.people import Person

GOOD = RedisFacts("redis", "7.2.4", "noeviction", True, 10_000, 0.0)
SECRET = "J4pXw0q9VfYd2mKZrT7uBcE1nGhS8aLoQi5xWvRyPz3D6tFk"


def level(check: str, facts: Facts) -> Level:
    (found,) = [finding for finding in examine(facts) if finding.check == check]
    return found.level


def facts(**settings: object) -> Facts:
    given: dict[str, object] = {
        "ENVIRONMENT": "production", "SECRET_KEY": SECRET, "DATABASE_URL": "postgres://u:p@db/x",
        "REDIS_URL": "redis://cache", "PUBLIC_URL": "https://id.example.com", "PROXIES_COUNT": 1,
        "BACKEND_CORS_ORIGINS": ("https://app.example.com",), "_env_file": None,
    }  # fmt: skip
    # As a service that started before it was refused has them: the check-up judges whatever runs.
    return Facts(load_settings(**given).model_copy(update=settings), {}, nodes=(GOOD,))


def test_all_is_well() -> None:
    """Nothing to say about a deployment as it should be."""
    assert {finding.level for finding in examine(facts())} == {Level.OK}


@pytest.mark.parametrize(
    ("version", "expected"),
    [
        ("6.0.16", Level.ERROR),
        ("5.0.7", Level.ERROR),
        ("6.2.0", Level.OK),
        ("8.1-rc1", Level.OK),
        (None, Level.WARNING),
    ],
)
def test_versions(version: str | None, expected: Level) -> None:
    """The scripts need Redis 6.2; compared as numbers."""
    assert level("redis_version", replace(facts(), nodes=(GOOD, replace(GOOD, version=version)))) is expected


@pytest.mark.parametrize(
    ("size", "limit", "expected"),
    [(10**12, 0, Level.OK), (10**8, 1000, Level.OK), (8.5e8, 1000, Level.WARNING), (9.9e8, 1000, Level.ERROR)],
)
def test_how_much_there_is(size: float, limit: int, expected: Level) -> None:
    """What the database takes, beside what the plan holds, if that is said."""
    found = replace(facts(DATABASE_SIZE_LIMIT_MB=limit), server=ServerFacts(100, 0.0, int(size)))
    assert level("database_size", found) is expected


@pytest.mark.parametrize(
    ("loads", "expected", "said"),
    [
        ([(10, 100)], Level.OK, "10 of 100 MB: there is room for some 128,571 sessions more"),
        ([(81, 100)], Level.WARNING, "27,142 sessions more"),
        ([(96, 100)], Level.ERROR, "takes nobody in"),
        ([(110, 100)], Level.ERROR, "some 0 sessions"),
        ([(10, 100), (96, 100)], Level.ERROR, "106 of 200 MB"),
        ([(10, 0)], Level.OK, "no limit of its own"),
        ([(10, None)], Level.WARNING, "could not be checked"),
    ],
)
def test_how_many_sessions_fit(loads: list[tuple[int, int | None]], expected: Level, said: str) -> None:
    """The fullest node decides: it refuses, whatever room there is beside it."""
    found = [
        RedisLoad(str(number), used * 1_000_000, limit and limit * 1_000_000, 0, 0, 0.0)
        for number, (used, limit) in enumerate(loads)
    ]
    finding = growth.redis_memory(replace(facts(), loads=tuple(found)))
    assert finding is not None
    assert (finding.level, said in finding.says) == (expected, True), finding.says
    assert growth.redis_memory(facts()) is None


@pytest.mark.parametrize(
    ("keys", "new", "expected"),
    [
        ((0, 0), False, Level.OK),
        ((1, 0), False, Level.OK),
        ((1, 3), False, Level.OK),
        ((0, 1), False, Level.ERROR),
        ((0, 1), True, Level.WARNING),
        ((1, 1), True, Level.WARNING),
    ],
)
def test_does_the_secret_open_anything(keys: tuple[int, int], new: bool, expected: Level) -> None:
    """R42: none of the keys is an error, but where a new secret is meant; a leave that is left behind is told of."""
    assert level("secret_fits", replace(facts(NEW_SECRET=new), keys=keys)) is expected


def test_a_check_that_fails() -> None:
    """It is a finding of its name, and stops no other."""

    def schedule(_: Facts) -> None:
        raise RuntimeError("something new")

    (first, *others) = examine(facts(), (schedule, *CHECKS))
    assert (first.check, first.level, "RuntimeError: something new" in first.says) == ("schedule", Level.ERROR, True)
    assert {other.level for other in others} == {Level.OK}


WELL = SentinelFacts(("10.0.0.1:6379",), 3, (), 2, 2, True)


@pytest.mark.parametrize(
    ("found", "expected", "words"),
    [
        (WELL, Level.OK, "3 of 3 Sentinels answer (quorum 2); the master is 10.0.0.1:6379, with 2 replica(s)"),
        (replace(WELL, can_fail_over=None), Level.OK, "3 of 3"),  # nobody says
        (replace(WELL, masters=(), answering=0, silent=("a says no", "b")), Level.ERROR, "No Sentinel names a master"),
        (replace(WELL, masters=("a:1", "b:2")), Level.WARNING, "a:1 or b:2"),
        (replace(WELL, can_fail_over=False), Level.WARNING, "Too few"),
        (replace(WELL, replicas=0), Level.WARNING, "nobody to take over"),
        (replace(WELL, answering=2, silent=("c:26379 doesn't answer",)), Level.WARNING, "2 of 3"),
        (replace(WELL, answering=1), Level.WARNING, "nothing can start"),
    ],
)
def test_sentinels(found: SentinelFacts, expected: Level, words: str) -> None:
    """Whom they name, whether they could name another, and who of them is silent."""
    (finding,) = [one for one in examine(replace(facts(), sentinels=found)) if one.check == "redis_sentinels"]
    assert (finding.level, bool(finding.fix)) == (expected, expected is not Level.OK)
    assert words in finding.says


def test_what_no_node_tells() -> None:
    """Facts that are refused are warnings that say so, never errors."""
    silent = RedisFacts("redis", None, None, None, None, None)
    found = [finding for finding in examine(replace(facts(), nodes=(silent,))) if finding.level is not Level.OK]
    assert {finding.level for finding in found} == {Level.WARNING}
    assert all("could not be checked" in finding.says and finding.fix for finding in found)
    assert len(found) == 5


@pytest.mark.parametrize(
    "secret",
    ["x" * 64, "abcd" * 20, "1234567890" * 4, "change-me-" + SECRET, "your-secret-key-generate-a-secure-one",
     "0f3a8c1d5e7a92b46f03d7e9a1c4f58b"],
)  # fmt: skip
def test_weak_secrets(secret: str) -> None:
    """R42, R66: repetitions, counting, samples and half as many bits are no secrets, nor beside a strong one."""
    assert level("secret", facts(SECRET_KEY=secret)) is Level.ERROR
    assert level("secret", facts(SECRET_KEY=f"{SECRET},{secret}")) is Level.ERROR


@pytest.mark.parametrize("secret", [SECRET, "8c1d5e7a92b46f03d7e9a1c4f58b260394ae7d1b5c8f206e"])
def test_random_secrets(secret: str) -> None:
    """What `openssl rand` prints, in base64 or hexadecimal, passes."""
    assert estimated_bits(secret) >= 128
    assert level("secret", facts(SECRET_KEY=secret)) is Level.OK


@pytest.mark.parametrize(
    ("settings", "environment", "expected"),
    [
        ({"PROXIES_COUNT": 0}, {}, Level.WARNING),
        ({"PROXIES_COUNT": 0}, {"DYNO": "web.1"}, Level.ERROR),
        ({"PROXIES_COUNT": 2}, {"DYNO": "web.1"}, Level.WARNING),
        ({"PROXIES_COUNT": 0, "PUBLIC_URL": "http://id.example.com"}, {}, Level.OK),
    ],
)
def test_proxies(settings: dict[str, object], environment: dict[str, str], expected: Level) -> None:
    """R65: with too few every client has the proxy's address, with too many they choose their own."""
    assert level("proxies", replace(facts(**settings), environment=environment)) is expected


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({}, Level.OK),
        ({"HSTS_SUBDOMAINS": False}, Level.OK),
        ({"HSTS_SECONDS": 31_536_000}, Level.OK),
        ({"HSTS_SECONDS": 31_535_999}, Level.WARNING),
        ({"HSTS_SECONDS": 0}, Level.WARNING),
    ],
)
def test_strict_transport(settings: dict[str, object], expected: Level) -> None:
    """R55: turned down by less than a year is said to be; names below that aren't bound are the owner's business."""
    assert level("hsts", facts(**settings)) is expected


@pytest.mark.parametrize("origin", ["https://localhost:3000", "https://127.0.0.1"])
def test_origins(origin: str) -> None:
    """R54: in production, not a developer's own machine. (What isn't on https stops the start.)"""
    assert level("cors", facts(BACKEND_CORS_ORIGINS=("https://app.example.com", origin))) is Level.WARNING


@pytest.mark.parametrize(("limit", "expected"), [(1_024, Level.WARNING), (4_095, Level.WARNING), (4_096, Level.OK)])
def test_descriptors(limit: int, expected: Level) -> None:
    """R82: under 4,096 file descriptors the check-up says so, and for how many connections that is."""
    assert level("descriptors", replace(facts(), descriptors=limit)) is expected


@pytest.mark.parametrize(
    ("jobs", "check", "says"),
    [
        (JobFacts(failed=("events.purge", "removal")), "jobs_failed", "events.purge, removal"),
        (JobFacts(late=3), "schedule", "3 job(s)"),
        (JobFacts(scheduled=False), "schedule", "No worker"),
    ],
)
def test_jobs(jobs: JobFacts, check: str, says: str) -> None:
    """Work that is given up, or that nobody does, is a warning that says what to do."""
    (found,) = [finding for finding in examine(replace(facts(), jobs=jobs)) if finding.level is not Level.OK]
    assert (found.check, found.level) == (check, Level.WARNING)
    assert says in found.says
    assert "latchkey" in found.fix


async def test_how_the_jobs_stand(runtime: Runtime, ada: Person) -> None:
    """A new service need not have had a worker; an older one need; and a worker's absence shows within the hour."""
    clock = runtime.clock
    assert await job_facts(clock) == JobFacts()
    clock.advance(86_401)
    assert await job_facts(clock) == JobFacts(scheduled=False)
    await runtime.jobs.schedule({"events.purge": DAILY.every})
    assert await job_facts(clock) == JobFacts()
    clock.advance(3_700)
    assert await job_facts(clock) == JobFacts(late=1)
    await Job.all().update(state="dead")
    assert await job_facts(clock) == JobFacts(failed=("events.purge",))


def test_where_traces_go() -> None:
    """R73: an address at which nobody takes traces in the way they are sent is told, for nothing else tells it."""
    assert "tracing" not in {finding.check for finding in examine(facts())}
    assert level("tracing", facts(OTEL_EXPORTER_OTLP_ENDPOINT="http://collector:4318")) is Level.OK
    assert level("tracing", facts(OTEL_EXPORTER_OTLP_ENDPOINT="http://collector:4317")) is Level.WARNING
    assert level("tracing", facts(OTEL_EXPORTER_OTLP_TRACES_ENDPOINT="http://c:4317/v1/traces")) is Level.WARNING


@pytest.mark.parametrize(
    ("settings", "expected", "says"),
    [
        ({"DATABASE_POOL_SIZE": 4}, Level.OK, "1 instance(s) x 1 worker(s) x 5 + 4 of `latchkey worker` = 9 of 20"),
        ({"DATABASE_POOL_SIZE": 8}, Level.WARNING, "= 17 of 20"),
        ({"DATABASE_POOL_SIZE": 8, "INSTANCES": 2}, Level.ERROR, "= 26 connections are more than the 20"),
    ],
)
def test_connections(settings: dict[str, object], expected: Level, says: str) -> None:
    """R72: a worker takes some as well, and each process listens on one; what is advised is right."""
    server = ServerFacts(connections=20, ahead=0.0)
    (found,) = [
        one for one in examine(replace(facts(**settings), server=server)) if one.check == "database_connections"
    ]
    assert found.level is expected
    assert says in found.says
    if expected is not Level.OK:
        advised = re.findall(r"to (\d+) or less", found.fix or "")
        given = {**settings, "DATABASE_POOL_SIZE": int(advised[0])}
        assert level("database_connections", replace(facts(**given), server=server)) is Level.OK
