"""Where traces go, by OpenTelemetry's own variables: each is obeyed, or the start is refused with what to write."""

from __future__ import annotations

from typing import Annotated, Final, Self

from pydantic import AfterValidator, Field, model_validator
from pydantic_settings import BaseSettings

from service.settings.addresses import check_web_url

_SPOKEN: Final = "http/protobuf"
_PATH: Final = "/v1/traces"


def _check_endpoint(value: str) -> str:
    return check_web_url(value) if value else value


def _check_base(value: str) -> str:
    """Refuse the address of traces alone: the path would be in it twice."""
    found = _check_endpoint(value)
    if found.endswith(_PATH):
        raise ValueError(
            f"leave out {_PATH}, which is added to it; or give the whole address as OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"
        )
    return found


class TracingSettings(BaseSettings, defer_build=True):
    """Where traces go."""

    OTEL_EXPORTER_OTLP_ENDPOINT: Annotated[str, AfterValidator(_check_base)] = Field(
        default="",
        description="Where traces go (OTLP over HTTP): `http://collector:4318`; needs the extra `tracing`. Empty: none "
        "are made.",
    )
    OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: Annotated[str, AfterValidator(_check_endpoint)] = Field(
        default="", description="The same for traces alone, with the whole path: `http://collector:4318/v1/traces`."
    )
    OTEL_EXPORTER_OTLP_PROTOCOL: str = Field(
        default=_SPOKEN, description="How traces are sent; no other way is spoken, so `grpc` is refused."
    )
    OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: str = Field(default="", description="The same for traces alone.")
    OTEL_TRACES_EXPORTER: str = Field(default="otlp", description="`none` makes no traces, whatever else is set.")

    @property
    def traces_go_to(self) -> str:
        """The address that traces are sent to; empty: none are made."""
        if self.OTEL_TRACES_EXPORTER.lower() == "none":
            return ""
        base = self.OTEL_EXPORTER_OTLP_ENDPOINT
        return self.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT or (f"{base}{_PATH}" if base else "")

    @model_validator(mode="after")
    def _speaks_so(self) -> Self:
        # A platform may set these for everything that runs on it: they count where traces are to go somewhere.
        if not self.traces_go_to:
            return self
        mistakes = []
        name, given = "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", self.OTEL_EXPORTER_OTLP_TRACES_PROTOCOL
        if not given:
            name, given = "OTEL_EXPORTER_OTLP_PROTOCOL", self.OTEL_EXPORTER_OTLP_PROTOCOL
        if given != _SPOKEN:
            mistakes.append(
                f"{name}: traces are sent as {_SPOKEN} alone; write that, and the port for it, which is mostly 4318"
            )
        if self.OTEL_TRACES_EXPORTER.lower() != "otlp":
            mistakes.append("OTEL_TRACES_EXPORTER: traces are sent by `otlp` alone; write that, or `none`")
        if mistakes:
            raise ValueError("\n".join(mistakes))
        return self
