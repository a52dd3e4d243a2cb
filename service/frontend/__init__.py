"""The built React application, where there is one: served beside the API, from the same origin."""

from service.feature import Feature
from service.frontend.mounting import serve_frontend
from service.frontend.settings import FrontendSettings

FEATURE = Feature(name="frontend", mount=serve_frontend, settings=FrontendSettings)
