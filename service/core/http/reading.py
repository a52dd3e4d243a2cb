"""Bodies and queries, read strictly into models: JSON, forms, query parameters.

Nonsense is no dearer than sense. Whatever has more members than its model could name is refused on the count alone,
before it is parsed, and so is what is nested deeper than any model; the faults of what is left are few.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Mapping
from functools import cache
from typing import Any, Final, NoReturn, TypeVar
from urllib.parse import parse_qsl

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails
from sanic import Request

from service.core.http.messages import FORM, JSON
from service.core.http.requests import media_type
from service.errors import BadRequest, Fault, UnsupportedMediaType, ValidationFailed

MOST_FAULTS: Final = 20
SPARE_MEMBERS: Final = 20  # a client that is somewhat wrong is told by name what is
MOST_DEPTH: Final = 16
MOST_FORM_FIELDS: Final = 20
MOST_QUERY_FIELDS: Final = 20
MOST_FORM_BYTES: Final = 16 * 1024  # decoding %41%42… costs hundreds of times what looking at a body costs
MOST_DIGITS: Final = 1000

# Members that say who somebody is and what they may: in a body whose model has no such member, somebody tries.
PRIVILEGED: Final = frozenset(
    {
        "issuperuser", "superuser", "isadmin", "admin", "administrator", "isstaff", "staff", "isroot", "root",
        "role", "roles", "group", "groups", "permission", "permissions", "privileges", "isactive", "active", "disabled",
        "isverified", "verified", "emailverified", "hashedpassword", "passwordhash", "id", "userid", "uid", "sub",
        "ownerid", "actorid", "createdat", "sessionsvalidafter", "emailcanonical", "proto", "constructor", "prototype",
    }
)  # fmt: skip

# What log-in forms send along, by its letters: it changes nothing here. Whatever else is unknown is refused by name.
HARMLESS: Final = frozenset(
    {
        "remember", "rememberme", "remembermyself", "staysignedin", "stayloggedin", "keepmeloggedin",
        "keepmesignedin", "keepsignedin", "keeploggedin", "persist", "persistent", "submit", "login", "action",
        "device", "deviceid", "devicename", "devicetype", "platform", "fingerprint", "captcha", "captchatoken",
        "captcharesponse", "recaptcha", "recaptchatoken", "grecaptcharesponse", "hcaptcharesponse",
        "cfturnstileresponse", "turnstiletoken", "csrf", "csrftoken", "xsrftoken", "csrfmiddlewaretoken",
        "authenticitytoken", "requestverificationtoken", "utf8", "next", "redirect", "redirecturl", "redirecturi",
        "redirectto", "returnurl", "returnto", "callbackurl", "locale", "lang", "language", "timezone", "audience",
        "resource", "responsetype", "state", "nonce", "realm", "connection", "app", "appversion", "version",
        "clienttype", "clientversion", "useragent", "os", "browser", "source", "fcmtoken", "pushtoken", "keepalive",
    }
)  # fmt: skip

_BOM: Final = b"\xef\xbb\xbf"
_NOTHING: Final = re.compile(
    rb"(?:\xef\xbb\xbf)?[ \t\r\n]*+(?:null|\x22\x22|\{[ \t\r\n]*+\}|\[[ \t\r\n]*+\])?+[ \t\r\n]*+"
)
_CACHE_BUSTER: Final = "_"  # libraries put the time there, for a cache that isn't here: every answer is `no-store`

_NOT_JSON: Final = "The body is not valid JSON in UTF-8."
_TEXTS: Final = (None, "Value")  # of what pydantic counts the length: a text, or a secret one
_TOKENS_PER_MEMBER: Final = 5  # a name, a comma, a text or what holds no more than brackets

# Strings are stepped over, closed or not: each byte is looked at once, whatever they hold.
_TOKEN: Final = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"?|[][{},]', re.DOTALL)

Model = TypeVar("Model", bound=BaseModel)


def read_json(request: Request, model: type[Model]) -> Model:
    """Return the JSON body as `model`. Raises 415, 400 (can't be read, or isn't there) or 422 (not acceptable)."""
    given = media_type(request)
    if not request.body and given in ("", JSON):  # nothing at all is no other media type
        raise BadRequest(_missing(model))
    if given != JSON:
        raise UnsupportedMediaType(f"Send the body as {JSON}.")
    _refuse_coding(request)
    body = request.body.removeprefix(_BOM)  # RFC 8259 section 8.1: one may ignore it
    _refuse_too_much(body, members_of(model))
    return _validate(model, _parse_json(body))


def says_nothing(request: Request) -> bool:
    """Return whether there is no body, or one that says nothing: what libraries send where they have nothing to say."""
    return _NOTHING.fullmatch(request.body) is not None


def read_form(request: Request, model: type[Model]) -> Model:
    """Return the urlencoded body as `model`. Raises 415, 400, 413 or 422."""
    return _validate(model, _fields_of(request))


def read_fields(request: Request) -> dict[str, str]:
    """Return a form of OAuth 2's as it is (RFC 6749 section 3.2). Raises 415, 400 or 422.

    An empty field counts as not sent, one that is given twice is an error, and whoever reads it passes over what it
    doesn't know.
    """
    given = media_type(request)
    if given != FORM and (request.body or given):  # nothing at all is no other media type
        raise UnsupportedMediaType(f"Send the body as {FORM}.")
    return {name: value for name, value in _fields_of(request).items() if value}


def read_from(fields: Mapping[str, str], model: type[Model]) -> Model:
    """Return the fields of a form that was read as `model`. Raises 422."""
    return _validate(model, dict(fields))


def _fields_of(request: Request) -> dict[str, str]:
    _refuse_coding(request)
    if len(request.body) > MOST_FORM_BYTES:
        raise ValidationFailed([Fault("", f"A form has at most {MOST_FORM_BYTES} bytes.")])
    try:
        pairs = parse_qsl(
            request.body.removeprefix(_BOM).decode("utf-8"),
            keep_blank_values=True,
            errors="strict",
            max_num_fields=MOST_FORM_FIELDS,
        )
    except ValueError:
        raise BadRequest("The form could not be read.") from None
    fields = dict(pairs)
    if len(fields) != len(pairs):
        raise BadRequest("A field of the form is given twice.")
    return fields


def read_query(request: Request, model: type[Model]) -> Model:
    """Return the query parameters as `model`; unknown and repeated ones are refused (422)."""
    try:
        pairs = parse_qsl(
            request.query_string, keep_blank_values=True, errors="replace", max_num_fields=MOST_QUERY_FIELDS
        )
    except ValueError:
        raise ValidationFailed([Fault("", f"More than {MOST_QUERY_FIELDS} query parameters.")]) from None
    pairs = [pair for pair in pairs if pair[0] != _CACHE_BUSTER]
    counts = Counter(name for name, _ in pairs)
    if repeated := sorted(name for name, count in counts.items() if count > 1):
        raise ValidationFailed([Fault(_pointer((name,)), "given more than once") for name in repeated])
    # Query values are always texts: here, and only here, "5" is a number.
    return _validate(model, dict(pairs), strict=False)


@cache
def _missing(model: type[BaseModel]) -> str:
    """Return the sentence for a body that isn't there: what has to be in it."""
    names = [f"`{name}`" for name, field in model.model_fields.items() if field.is_required()]
    needed = " and ".join([*names, *filter(None, [getattr(model, "also_needed", "")])])
    return f"The body is missing: send {JSON}{f' with {needed}' if needed else ''}."


@cache
def members_of(model: type[BaseModel]) -> int:
    """Return how many members a body of `model` can have, on all levels."""
    schema = model.model_json_schema()
    return sum(len(part.get("properties", ())) for part in (schema, *schema.get("$defs", {}).values()))


def _refuse_coding(request: Request) -> None:
    # RFC 9110 section 8.4. Unpacking gzip would also undo the limit on the body's size.
    if request.headers.get("content-encoding", "identity").strip().lower() != "identity":
        raise UnsupportedMediaType("Send the body without a Content-Encoding.")


def _refuse_too_much(body: bytes, known: int) -> None:
    """Refuse what has far more members than `known`, or is too deep; give up at the first that is too much."""
    most, members, depth = known + SPARE_MEMBERS, 0, 0
    if body.count(b",") <= most and body.count(b"{") + body.count(b"[") <= MOST_DEPTH:
        return  # there can't be too much, even if none of these is in a text; and what isn't JSON is found out at once
    for count, found in enumerate(_TOKEN.finditer(body)):
        match found[0][:1]:
            case b"{" | b"[":
                depth += 1
            case b"}" | b"]":
                depth -= 1
            case b",":
                members += 1
        if not 0 <= depth <= MOST_DEPTH:
            raise BadRequest("The body is nested too deeply." if depth > 0 else _NOT_JSON)
        if members > most or count > _TOKENS_PER_MEMBER * most:
            raise ValidationFailed([Fault("", f"The body has more than {most} members.")])


def _parse_json(body: bytes) -> Any:
    try:
        value = _decoder.decode(body.decode("utf-8"))
        if b"\\u" in body:  # the one way a lone surrogate, which no store can keep, gets in
            json.dumps(value, ensure_ascii=False).encode("utf-8")
    except (ValueError, RecursionError):
        raise BadRequest(_NOT_JSON) from None
    return value


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise BadRequest("A member of the body is given twice.")
    return members


def _whole(digits: str) -> int:
    if len(digits) > MOST_DIGITS:  # the time that it takes grows with their square
        raise BadRequest("A number of the body has too many digits.")
    return int(digits)


def _refuse_constant(name: str) -> NoReturn:
    raise BadRequest(f"{name} is not JSON.")


_decoder: Final = json.JSONDecoder(object_pairs_hook=_unique, parse_constant=_refuse_constant, parse_int=_whole)


def _validate(model: type[Model], value: Any, *, strict: bool = True) -> Model:
    try:
        return model.model_validate(value, strict=strict)
    except ValidationError as error:
        found = error.errors(include_url=False, include_input=False)
    if getattr(model, "sent_along", False) and (rest := _without_harmless(value, found)) is not None:
        return _validate(model, rest, strict=strict)
    failed = ValidationFailed([Fault(_pointer(fault["loc"]), _words(fault)) for fault in found[:MOST_FAULTS]])
    if privileged := next((fault["loc"] for fault in found if _is_privileged(fault["type"], fault["loc"])), None):
        raise failed.noted("refused.privileged_member", _letters(privileged[-1]))
    raise failed


def _without_harmless(value: Any, found: list[ErrorDetails]) -> dict[str, Any] | None:
    """Return a body without what is harmless of the unknown in it; None where nothing is."""
    names = {fault["loc"][0] for fault in found if fault["type"] == "extra_forbidden" and len(fault["loc"]) == 1}
    harmless = {name for name in names if _letters(name) in HARMLESS and not isinstance(value.get(name), dict | list)}
    return {name: member for name, member in value.items() if name not in harmless} if harmless else None


def _is_privileged(kind: str, location: tuple[int | str, ...]) -> bool:
    return kind == "extra_forbidden" and _letters(location[-1]) in PRIVILEGED


def _letters(name: int | str) -> str:
    """Return what is left of a name however it is written: is_superuser, isSuperuser, is-superuser."""
    return re.sub(r"[^a-z0-9]", "", str(name)[:100].casefold())


def _pointer(location: tuple[int | str, ...]) -> str:
    return "".join("/" + str(part).replace("~", "~0").replace("/", "~1")[:100] for part in location)


def _words(fault: ErrorDetails) -> str:
    """Return what is wrong, as people are told at the field that it is about: without a validator's own words."""
    limits = fault.get("ctx", {})
    match fault["type"]:
        case "value_error":
            said = fault["msg"].removeprefix("Value error, ")
            return said[:1].upper() + said[1:]
        case "string_too_short" | "too_short" if limits.get("field_type") in _TEXTS:
            return f"At least {_characters(limits['min_length'])}"
        case "string_too_long" | "too_long" if limits.get("field_type") in _TEXTS:
            return f"At most {_characters(limits['max_length'])}"
    return fault["msg"]


def _characters(number: int) -> str:
    return f"{number} character{'' if number == 1 else 's'}"
