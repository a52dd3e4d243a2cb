"""From a letter to a message: the words of a language in one layout, as text and as HTML."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from email.utils import format_datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final, NotRequired, TypedDict, cast

from service.core.clock import Clock
from service.core.text.email_address import parse_email
from service.core.text.printable import seen_name
from service.letters import links, typed
from service.settings import Settings, mail_checks
from service.stores.letter_kinds import Letter
from service.stores.outbox import Envelope

if TYPE_CHECKING:
    from email.message import EmailMessage

    from jinja2 import Environment, Template

_HERE = Path(__file__).parent
DEFAULT_LANGUAGE: Final = "en"
LONGEST_NAME: Final = 60
LANGUAGES: Final = tuple(sorted(path.stem for path in (_HERE / "languages").glob("*.toml")))

# What mail programs make a link of: an address, or words joined by a dot.
_LINKED = re.compile(r"[@/\\]|www|\w[.\u3002\uff0e\uff61]\w", re.IGNORECASE)

_PARTS: Final = ("subject", "lines", "note")


class _Said(TypedDict):
    """What a language's file has for a letter."""

    subject: str
    lines: list[str]
    button: NotRequired[str]
    note: str


@dataclass(frozen=True, slots=True)
class Words:
    """What a letter says: `button` leads to the letter's link, where it has one."""

    subject: str
    lines: tuple[str, ...]
    button: str | None
    note: str


def compose(envelope: Envelope, settings: Settings, clock: Clock) -> EmailMessage:
    """Return the message of a letter. A duplicate of it has the same Message-ID."""
    from email.headerregistry import Address  # which brings the whole grammar of heads
    from email.message import EmailMessage
    from email.policy import SMTP

    known = envelope.language in LANGUAGES and _file(envelope.letter, envelope.language).exists()
    language = envelope.language if known else DEFAULT_LANGUAGE
    values = {**envelope.values, "name": _greeted(envelope.values), "service": settings.PROJECT_NAME}
    words = read(envelope.letter, language, values)
    told = {
        "language": language,
        "service": settings.PROJECT_NAME,
        "greeting": _say(_greeting(language), values),
        "link": values["link"] if words.button else "",
        "code": _typed(values) if words.button else "",
        "typed": _say(_typed_words(language), values),
        "words": words,
    }
    # A strict policy: a line break in a header is an error, not another header.
    message = EmailMessage(policy=SMTP)
    message["Subject"] = words.subject
    message["From"] = settings.mail_from
    message["To"] = Address(addr_spec=parse_email(envelope.recipient).on_the_wire)
    message["Date"] = format_datetime(clock.now())
    message["Message-ID"] = f"<{envelope.id}@{mail_checks.own_name(settings.PUBLIC_URL) or 'localhost'}>"
    message["Auto-Submitted"] = "auto-generated"  # RFC 3834: no out-of-office answers, please
    message.set_content(_layouts().get_template("layout.txt").render(told))
    message.add_alternative(_layouts().get_template("layout.html").render(told), subtype="html")
    return message


def _typed(values: Mapping[str, str]) -> str:
    """Return the code that stands in for the link; none in a letter to log in with, which has one of its own or is to
    have none: what can be read out on the telephone logs in whoever asked for it.
    """
    return "" if "code" in values else typed.shown(links.token_of(values["link"]))


def read(letter: Letter, language: str, values: Mapping[str, str]) -> Words:
    """Return a letter's words in a language. A value that they name and nobody gave is an error."""
    said = _said(letter, language)
    return Words(
        subject=_one_line(_say(said["subject"], values)),
        lines=tuple(_say(line, values) for line in said["lines"]),
        button=_say(said["button"], values) if "button" in said else None,
        note=_say(said["note"], values),
    )


def flaws_of(letter: Letter) -> Iterator[str]:
    """Find what is missing in a letter's words, in any of the languages there are."""
    for language in LANGUAGES:
        file = _file(letter, language)
        try:
            said = _catalogue(file).get(_heading(letter))
        except FileNotFoundError:
            yield f"the letter {letter.name} has no words in {language}: there is no {file}"
            continue
        except ValueError as error:  # not UTF-8, not TOML
            yield f"{file} can't be read: {' '.join(str(error).split())}"
            continue
        if not isinstance(said, dict):
            yield f"the letter {letter.name} has no words in {language}: {file} has no [{_heading(letter)}]"
            continue
        yield from (f"[{_heading(letter)}] of {file} has no {part}" for part in _PARTS if not said.get(part))


def _greeted(values: Mapping[str, str]) -> str:
    """Return the name for the greeting, none where it could pass for a link or for a message of its own.

    Anybody can register anybody's address under any name: our letters must not carry what they would say.
    """
    try:
        name = seen_name(values.get("name", "")) or ""
    except ValueError:  # control characters
        return ""
    return "" if len(name) > LONGEST_NAME or _LINKED.search(name) else name


def _one_line(text: str) -> str:
    return " ".join("".join(char if char.isprintable() else " " for char in text).split())


def _say(text: str, values: Mapping[str, str]) -> str:
    return _template(text).render(values)


@cache
def _layouts() -> Environment:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

    return Environment(
        loader=FileSystemLoader(_HERE / "templates"),
        autoescape=select_autoescape(["html"]),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


@cache
def _words() -> Environment:
    from jinja2 import Environment, StrictUndefined

    return Environment(undefined=StrictUndefined, autoescape=False)  # noqa: S701 - the layout escapes what comes of it


@cache
def _template(text: str) -> Template:
    return _words().from_string(text)  # compiled: what takes most of a letter's time


@cache
def _greeting(language: str) -> str:
    return cast(str, _catalogue(_HERE / "languages" / f"{language}.toml")["greeting"])


@cache
def _typed_words(language: str) -> str:
    ours = _catalogue(_HERE / "languages" / f"{DEFAULT_LANGUAGE}.toml")  # for a language that somebody made before
    return cast(str, _catalogue(_HERE / "languages" / f"{language}.toml").get("typed", ours["typed"]))


@cache
def _said(letter: Letter, language: str) -> _Said:
    return cast(_Said, _catalogue(_file(letter, language))[_heading(letter)])


def _file(letter: Letter, language: str) -> Path:
    return letter.words / f"{language}.toml"


def _heading(letter: Letter) -> str:
    return letter.name.rpartition(".")[2]


@cache
def _catalogue(file: Path) -> dict[str, object]:
    import tomllib

    return tomllib.loads(file.read_text(encoding="utf-8"))
