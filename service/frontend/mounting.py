"""Serving the front end where no route of the API is: its own routes, and the API's 404 and 405, stay as they are."""

from __future__ import annotations

from typing import Any, Final

from sanic import HTTPResponse, Request, Sanic
from sanic.exceptions import NotFound

from service.core.http.files import StaticFile, send_file
from service.frontend.settings import FrontendSettings
from service.frontend.site import Site
from service.settings import Settings

# Scripts and styles of our own origin, nothing inline, nothing from elsewhere: what a hole in a dependency could do
# with the page ends here. (React sets styles through the DOM, which the policy allows.)
POLICY: Final = (
    "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)


def serve_frontend(app: Sanic[Any, Any], settings: Settings) -> None:
    """Serve the front end that the settings name, if there is one."""
    directory = settings.of(FrontendSettings).frontend_directory
    if directory is None:
        return
    site = Site.load(directory)
    problems = app.error_handler

    def answer(request: Request, exception: NotFound) -> HTTPResponse:
        if request.method in ("GET", "HEAD"):
            found = site.find(request.path, page="text/html" in request.headers.get("accept", ""))
            if found is not None:
                return _send(request, *found)
        return problems.default(request, exception)

    # Not a route for everything: that would also answer where the API has a path, but not for this method.
    app.error_handler.add(NotFound, answer)


def _send(request: Request, file: StaticFile, keep: str) -> HTTPResponse:
    response = send_file(request, file, keep)
    response.headers["Content-Security-Policy"] = POLICY
    response.headers["Cross-Origin-Opener-Policy"] = "same-origin"
    return response
