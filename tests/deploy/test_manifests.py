"""What describes a deployment says what the code does: settings, ports, paths, users, and who waits how long."""

from __future__ import annotations

import json
import os
import re
import subprocess
from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest
import yaml  # type: ignore[import-untyped]  # ships no types

from service.core.process.workers import GRACE_SECONDS
from service.features import read_settings
from service.settings import Settings
from service.settings.checks import ConfigurationError
from tests.support.brought import SETTINGS
from tests.support.process import ROOT
from tests.support.stores import SECRET

pytestmark = pytest.mark.embedded_only

KUBERNETES = ROOT / "deploy" / "kubernetes"
DOCKERFILE = (ROOT / "Dockerfile").read_text(encoding="utf-8")
APP = json.loads((ROOT / "app.json").read_text(encoding="utf-8"))


@cache
def documents() -> dict[str, dict[str, Any]]:
    """Every object of the manifests, by kind and name."""
    found: dict[str, dict[str, Any]] = {}
    for path in sorted(KUBERNETES.glob("*.yaml")):
        for one in yaml.safe_load_all(path.read_text(encoding="utf-8")):
            found[f"{one['kind']}/{one['metadata']['name']}"] = one
    return found


def templates() -> Iterator[tuple[str, dict[str, Any]]]:
    """What pods are made of, by the name of what makes them."""
    for name, one in documents().items():
        if "template" in one.get("spec", {}):
            yield name, one["spec"]["template"]


def containers() -> Iterator[tuple[str, dict[str, Any]]]:
    for name, template in templates():
        for container in [*template["spec"].get("initContainers", []), *template["spec"]["containers"]]:
            yield f"{name}/{container['name']}", container


def probes(container: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in container.items() if name.endswith("Probe")}


def test_settings_are_settings() -> None:
    """What a manifest, compose or Heroku is given has a name that means something, and a value that is taken."""
    plain = documents()["ConfigMap/latchkey"]["data"]
    secret = documents()["Secret/latchkey"]["stringData"]
    compose = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
    named = {*plain, *secret, *APP["env"], *APP["environments"]["review"]["env"], *compose["x-latchkey"]["environment"]}
    assert not named - set(SETTINGS.model_fields)
    assert not [name for name, value in secret.items() if value], "an example holds no secret"
    assert not {*plain} & {*secret}
    assert int(plain["INSTANCES"]) == documents()["Deployment/latchkey-web"]["spec"]["replicas"]
    _production(**plain)


def test_pods_are_locked_down() -> None:
    """No root, by the number that the image has; nothing written but to /tmp; no rights at the cluster."""
    (user,) = re.findall(r"^USER (\d+):\d+$", DOCKERFILE, re.MULTILINE)
    assert f"--uid {user} " in DOCKERFILE
    for name, template in templates():
        spec = template["spec"]
        assert spec["securityContext"]["runAsNonRoot"] is True, name
        assert spec["securityContext"]["runAsUser"] == spec["securityContext"]["runAsGroup"] == int(user), name
        assert spec["automountServiceAccountToken"] is False, name
    for name, container in containers():
        locked = container["securityContext"]
        assert (locked["allowPrivilegeEscalation"], locked["readOnlyRootFilesystem"]) == (False, True), name
        assert locked["capabilities"] == {"drop": ["ALL"]}, name
        assert [mount["mountPath"] for mount in container["volumeMounts"]] == ["/tmp"], name
        assert container["resources"]["limits"]["memory"], name
        assert container["image"].endswith(":CHANGE-ME"), name
        assert container["envFrom"] == [{"configMapRef": {"name": "latchkey"}}, {"secretRef": {"name": "latchkey"}}]


def test_everybody_waits_long_enough() -> None:
    """Who stops a process gives it the delay, the drain, and a little more; the delay is longer than a probe takes."""
    delay = float(documents()["ConfigMap/latchkey"]["data"]["STOP_DELAY_SECONDS"])
    (web,) = [template["spec"] for name, template in templates() if name == "Deployment/latchkey-web"]
    assert web["terminationGracePeriodSeconds"] > delay + GRACE_SECONDS
    (container,) = web["containers"]
    ready = container["readinessProbe"]
    assert ready["periodSeconds"] * ready["failureThreshold"] < delay
    assert "lifecycle" not in container, "a preStop that sleeps would come on top of the delay"
    default = Settings.model_fields["STOP_DELAY_SECONDS"].default
    compose = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))["services"]
    for name in ("latchkey", "worker"):
        assert float(compose[name]["stop_grace_period"].removesuffix("s")) > default + GRACE_SECONDS
    assert default + GRACE_SECONDS < 30, "what Heroku gives in all"


def test_ports_and_paths() -> None:
    """Probes ask where something listens, for what there is; services lead to pods."""
    (http,) = re.findall(r"PORT=(\d+)", DOCKERFILE)
    ports = {"http": int(http), "metrics": int(documents()["ConfigMap/latchkey"]["data"]["METRICS_PORT"])}
    routes = set(json.loads((ROOT / "docs" / "openapi.json").read_text(encoding="utf-8"))["paths"])
    there = {"http": routes, "metrics": {"/metrics", "/health"}}
    for name, container in containers():
        given = {port["name"]: port["containerPort"] for port in container.get("ports", [])}
        assert given.items() <= ports.items(), name
        for probe in probes(container).values():
            assert probe["httpGet"]["port"] in given, name
            assert probe["httpGet"]["path"] in there[probe["httpGet"]["port"]], name
    labels = [template["metadata"]["labels"].items() for _, template in templates()]
    wanted = [documents()["Service/latchkey"]["spec"]["selector"]]
    wanted += [one["spec"]["selector"]["matchLabels"] for one in documents().values() if "matchLabels" in str(one)]
    for selector in wanted:
        assert [found for found in labels if selector.items() <= found], selector


def test_commands_are_there() -> None:
    """Each container runs a command of ours."""
    commands = {tuple(container["command"]) for _, container in containers()}
    assert commands == {("latchkey", *one) for one in (("serve",), ("worker",), ("db", "upgrade"), ("doctor",))}


def test_a_review_app_starts_by_itself() -> None:
    """Nobody types anything for it: what is required has a value, or `.profile` finds one."""
    review = APP["environments"]["review"]
    env = APP["env"] | review["env"]
    values = {name: one["value"] for name, one in env.items() if "value" in one}
    made = {name for name, one in env.items() if "generator" in one}
    assert not [name for name, one in env.items() if one.get("required", name not in values) and name not in made]
    assert made == {"SECRET_KEY"}
    given = {"DYNO": "web.1", "PATH": os.environ["PATH"], "HEROKU_APP_NAME": "pr-7"}
    whole = {"HEROKU_APP_DEFAULT_DOMAIN_NAME": "pr-7-0123456789ab.herokuapp.com"}
    assert _address(given) == "https://pr-7.herokuapp.com"
    assert _address(given | whole) == "https://pr-7-0123456789ab.herokuapp.com"
    assert _address(given | whole | {"PUBLIC_URL": "https://id.example.com"}) == "https://id.example.com"
    assert _address({"PATH": os.environ["PATH"]}) == ""
    _production(**values, PUBLIC_URL=_address(given))
    processes = re.findall(r"^(\w+): ", (ROOT / "Procfile").read_text(encoding="utf-8"), re.MULTILINE)
    assert {*review["formation"]} == {"web"}, "which works as well"
    assert {*APP["formation"]} == {*processes} - {"release"}


def _address(environment: dict[str, str]) -> str:
    command = ["bash", "-euc", '. ./.profile; printf %s "${PUBLIC_URL:-}"']
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True).stdout


def _production(**given: str) -> None:
    """Read the settings as a process would that has these and the stores; fail where one is refused."""
    stores = {"DATABASE_URL": "postgres://latchkey:x@postgres/latchkey", "REDIS_URL": "redis://redis:6379"}
    try:
        read_settings(**{"ENVIRONMENT": "production", "SECRET_KEY": SECRET, "_env_file": None, **stores, **given})
    except ConfigurationError as error:
        pytest.fail(str(error.mistakes))


def test_images_are_named() -> None:
    """No image is whatever is newest today. (By digest would be better still: whoever releases can look it up.)"""
    compose = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))["services"]
    images = [one["image"] for one in compose.values() if one["image"] != "latchkey"]
    images += re.findall(r"^FROM (\S+)", DOCKERFILE, re.MULTILINE)
    assert images
    assert not [image for image in images if re.fullmatch(r"[^:]+|.*:latest", image)]
