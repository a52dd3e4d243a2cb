"""What a person calls a device, and in which language."""

from __future__ import annotations

import pytest

from service.core.http.user_agents import device_name, device_parts

MAC = (
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0 Safari/537.36"
)


@pytest.mark.parametrize(
    ("user_agent", "parts", "english", "german"),
    [
        (MAC, ("Chrome", "macOS"), "Chrome on macOS", "Chrome auf macOS"),
        ("curl/8.5", ("curl", None), "curl", "curl"),
        ("Something (X11; Linux x86_64)", (None, "Linux"), "Unknown browser on Linux", "Unbekannter Browser auf Linux"),
        ("", (None, None), "Unknown browser", "Unbekannter Browser"),
    ],
)
def test_parts_and_words(user_agent: str, parts: tuple[str | None, str | None], english: str, german: str) -> None:
    """Products have one name everywhere; the words between them are the reader's, or English."""
    assert device_parts(user_agent) == parts
    for language in (None, "en", "en-GB", "fr"):
        assert device_name(user_agent, language) == english
    for language in ("de", "de-AT", "DE"):
        assert device_name(user_agent, language) == german
