"""The API's description: each question with its answers, its errors, and a real answer as the example."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import quote, urlencode

from django.http import HttpRequest, QueryDict
from django.http.response import HttpResponseBase, StreamingHttpResponse
from django.urls import resolve
from ninja import NinjaAPI
from ninja.openapi.schema import OpenAPISchema

from speccom.site.explore.api.answers import CSV, JSON
from speccom.site.explore.api.shapes import Refusal

View = Callable[..., HttpResponseBase]
_SHOWN = 2  # records of a list that its example shows


class Described(NinjaAPI):
    """An API whose description shows the real answer to each question that it gives as an example."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._described: dict[str | None, OpenAPISchema] = {}

    def answers(self, path: str, shape: Any, summary: str) -> Callable[[View], View]:
        """Serve a path as JSON or CSV by `Accept`, and as CSV with `.csv` at its end."""

        def add(view: View) -> View:
            # The suffix first: a code at the end of a path would swallow it.
            self.get(f"{path}.csv", include_in_schema=False)(view)
            return self.get(
                path,
                response={200: shape, 304: None, 400: Refusal, 404: Refusal},
                summary=summary,
                operation_id=view.__name__,
                url_name=view.__name__,
                openapi_extra={"responses": {200: {"content": {CSV: {"schema": {"type": "string"}}}}}},
            )(view)

        return add

    def get_openapi_schema(
        self, *, path_prefix: str | None = None, path_params: dict[str, Any] | None = None
    ) -> OpenAPISchema:
        """The description, made once."""
        if path_prefix not in self._described:
            schema = super().get_openapi_schema(path_prefix=path_prefix, path_params=path_params)
            for path, described in schema["paths"].items():
                content = described["get"]["responses"][200]["content"]
                content[JSON]["example"] = _answer_to_example(path, described["get"]["parameters"])
            self._described[path_prefix] = schema
        return self._described[path_prefix]


def _answer_to_example(path: str, parameters: list[dict[str, Any]]) -> Any:
    """What an address answers to the examples of its own parameters; of a list, how it begins."""
    examples = {place: _examples(parameters, place) for place in ("path", "query")}
    address = path.format_map({name: quote(value) for name, value in examples["path"].items()})
    request = HttpRequest()
    request.method, request.path = "GET", address
    request.GET = QueryDict(urlencode(examples["query"]))
    found = resolve(address)
    response = found.func(request, *found.args, **found.kwargs)
    streamed = isinstance(response, StreamingHttpResponse)
    told = json.loads(b"".join(response) if streamed else response.content)
    return told[:_SHOWN] if isinstance(told, list) else told


def _examples(parameters: list[dict[str, Any]], place: str) -> dict[str, str]:
    given = (each for each in parameters if each["in"] == place and "example" in each)
    return {each["name"]: each["example"] for each in given}
