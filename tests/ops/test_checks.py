"""The check-up's judgement, on facts that no server here can show."""

from __future__ import annotations

from dataclasses import replace

import pytest

from models import Job
from service.core.redis.facts import RedisFacts, SentinelFacts
from service.feature.findings import Level
from service.jobs.kinds import DAILY
from service.ops.doctor import examine
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
