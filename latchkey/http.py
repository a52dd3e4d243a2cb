"""Reading requests, writing answers, and saying in the API's document what they are."""

from service.core.http.fields import After, Moment
from service.core.http.messages import RequestModel, ResponseModel, accepted, json_answer, json_list, no_content
from service.core.http.openapi import definition
from service.core.http.operations import answer, header, json_body, problems, query
from service.core.http.pagination import Cursor, next_link
from service.core.http.reading import read_json, read_query
from service.core.http.requests import path_id
from service.core.sql.keyset import before
from service.core.text.printable import plain_text

__all__ = [
    "After",
    "Cursor",
    "Moment",
    "RequestModel",
    "ResponseModel",
    "accepted",
    "answer",
    "before",
    "definition",
    "header",
    "json_answer",
    "json_body",
    "json_list",
    "next_link",
    "no_content",
    "path_id",
    "plain_text",
    "problems",
    "query",
    "read_json",
    "read_query",
]
