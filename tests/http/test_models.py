"""Models of bodies, and settings, are built when they are first used: here, before anybody uses them."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from typing import Any

import pytest
from pydantic import BaseModel
from pydantic.errors import PydanticUndefinedAnnotation

from service.core.http.messages import RequestModel, ResponseModel
from tools import floors

pytestmark = pytest.mark.embedded_only


def heirs(model: type[BaseModel]) -> Iterator[type[BaseModel]]:
    for heir in model.__subclasses__():
        yield heir
        yield from heirs(heir)


def test_each_can_be_built() -> None:
    """A type that isn't there, or a schema that makes no sense, isn't found by the first who sends something."""
    for module in floors.modules():
        if not module.endswith("__main__"):
            import_module(module)
    ours = {model for model in heirs(BaseModel) if model.__module__.startswith("service.")}
    assert len(ours) > 100
    for model in ours:
        assert model.model_rebuild(force=True), model


@pytest.mark.parametrize("base", [RequestModel, ResponseModel])
def test_a_wrong_one_is_noticed(base: type[BaseModel]) -> None:
    """It is made without a complaint, which is why they are built above."""
    said: dict[str, Any] = {"__annotations__": {"size": "Nowhere"}, "__module__": __name__}
    wrong: type[BaseModel] = type("Wrong", (base,), said)
    with pytest.raises(PydanticUndefinedAnnotation):
        wrong.model_rebuild(force=True)
