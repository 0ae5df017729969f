"""Schemathesis asks the API whatever its description allows, and what it does not, and finds no failure."""

from __future__ import annotations

import hypothesis
import pytest
import schemathesis
from django.core.wsgi import get_wsgi_application
from schemathesis.checks import CheckFunction
from schemathesis.specs.openapi.checks import positive_data_acceptance

from speccom.site.core.library import today

schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", get_wsgi_application())


@pytest.mark.django_db  # each request ends by closing what other tests opened
@schema.parametrize()
@hypothesis.settings(max_examples=25, deadline=None, derandomize=True, database=None)
def test_the_api_keeps_to_its_description(case: schemathesis.Case) -> None:
    # Two rules lie between one date and another, which a description cannot say: such refusals are right.
    query = case.query or {}
    ordered = str(query.get("from", "")) <= str(query.get("to") or today())
    public = str(query.get("known") or "") <= str(today())
    unchecked: list[CheckFunction] = [] if ordered and public else [positive_data_acceptance]
    # In this process nothing unpacks what is sent packed.
    case.call_and_validate(headers={"Accept-Encoding": "identity"}, excluded_checks=unchecked)
