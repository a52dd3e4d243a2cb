"""The published contract: the OpenAPI document, Swagger UI and Redoc, all of it served from here."""
