"""The published contract: the OpenAPI document, Swagger UI and Redoc, all of it served from here."""

from service.documents.routes import publish
from service.feature import Feature

FEATURE = Feature(name="documents", mount=publish)
