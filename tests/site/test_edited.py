"""Two people edit the same thing: the second is told, sees both, and decides."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django import forms
from django.db import connection, models
from django.http import QueryDict
from django.template import engines
from django.test.utils import isolate_apps

from speccom.site.core.edited import Edited, Stale, keep_theirs_beside, save_over, version_field

WORDS = {"title": "Title", "colour": "Colour"}


@pytest.fixture
def paper(transactional_db: None) -> Iterator[Any]:
    """A row of a model that people edit, in a table of its own."""
    with isolate_apps("speccom.site.core"):

        class Paper(Edited):
            title = models.CharField(max_length=100)
            colour = models.CharField(max_length=10, choices=[("r", "red"), ("b", "blue")], blank=True)
            objects = models.Manager["Paper"]()

            class Meta:
                app_label = "core"

        with connection.schema_editor() as schema:
            schema.create_model(Paper)
        try:
            yield Paper.objects.create(title="First words")
        finally:
            with connection.schema_editor() as schema:
                schema.delete_model(Paper)


def save(row: Any, version: int, by: str, **values: str) -> None:
    save_over(row, version=version, values=values, words=WORDS, by=by)


def test_who_edits_alone_saves_and_the_row_says_who_and_when(paper: Any) -> None:
    save(paper, 1, "ann@example.org", title="Better words")
    assert (paper.title, paper.version, paper.edited_by) == ("Better words", 2, "ann@example.org")
    assert paper.edited_at is not None


def test_the_second_of_two_is_shown_both_and_nothing_is_written(paper: Any) -> None:
    save(paper, 1, "ann@example.org", title="Words of Ann", colour="r")
    with pytest.raises(Stale, match=r"ann@example\.org saved a change at \d\d:\d\d on ") as told:
        save(paper, 1, "bob@example.org", title="Words of Bob", colour="b")
    assert told.value.beside.columns == ("What", "Saved by ann@example.org", "Yours")
    assert told.value.beside.rows == (("Title", "Words of Ann", "Words of Bob"), ("Colour", "red", "blue"))
    paper.refresh_from_db()
    assert (paper.title, paper.version) == ("Words of Ann", 2)


def test_what_both_left_alike_is_not_shown(paper: Any) -> None:
    save(paper, 1, "ann@example.org", title="Same", colour="r")
    with pytest.raises(Stale) as told:
        save(paper, 1, "bob@example.org", title="Same", colour="")
    assert told.value.beside.rows == (("Colour", "red", "(nothing)"),)


def test_saving_again_with_both_in_sight_goes_through(paper: Any) -> None:
    class Edit(forms.Form):
        title = forms.CharField()
        version = version_field()

    save(paper, 1, "ann@example.org", title="Words of Ann")
    form = Edit(QueryDict("title=Words+of+Bob&version=1"))
    assert form.is_valid()
    with pytest.raises(Stale) as told:
        save(paper, form.cleaned_data["version"], "bob@example.org", title=form.cleaned_data["title"])
    keep_theirs_beside(form, told.value)
    assert 'value="2"' in str(form["version"]) and "Words of Bob" in str(form["title"])
    save(paper, int(form["version"].value()), "bob@example.org", title=form["title"].value())
    assert (paper.title, paper.version) == ("Words of Bob", 3)


@pytest.mark.parametrize("sent", ["", "version=0", "version=x"])
def test_a_form_without_a_version_that_can_be_read_says_to_open_it_again(sent: str) -> None:
    class Edit(forms.Form):
        version = version_field()

    assert Edit(QueryDict(sent)).errors["version"] == ["This page is not whole any more: open it again."]


def test_the_page_escapes_what_either_wrote(paper: Any) -> None:
    save(paper, 1, "ann@example.org", title="<b>bold</b>")
    with pytest.raises(Stale) as told:
        save(paper, 1, "bob@example.org", title="<script>")
    macros = engines["jinja2"].env.get_template("core/edited.jinja").module  # type: ignore[attr-defined]
    shown = str(macros.beside(told.value.beside))
    assert "&lt;b&gt;bold" in shown and "&lt;script&gt;" in shown and "<script>" not in shown
