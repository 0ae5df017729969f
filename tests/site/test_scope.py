"""The scope lint: the site passes, each way past who asks is caught, and a manager gives nobody's rows."""

from __future__ import annotations

from pathlib import Path

import pytest

from speccom.site.scope import lint_all

MODELS = """
from speccom.site.core.scoped import Scoped

class Paper(Scoped):
    pass
"""


def faults_of(folder: Path, text: str, name: str = "views.py", models: str = MODELS) -> list[str]:
    for file, held in (("app/models.py", models), (f"app/{name}", text)):
        path = folder / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(held, encoding="utf-8")
    return [str(fault).removeprefix(f"{folder}/app/") for fault in lint_all(folder)]


def test_the_site_passes() -> None:
    assert [str(fault) for fault in lint_all()] == []


def test_asking_as_somebody_has_no_faults(tmp_path: Path) -> None:
    text = """
from app.models import Paper
def papers(actor) -> "QuerySet[Paper]":
    rows = Paper.objects.visible_to(actor).filter(open=True)
    return rows.order_by("pk") if isinstance(rows, Paper) else rows
"""
    assert faults_of(tmp_path, text) == []


@pytest.mark.parametrize(
    "breach",
    [
        "Paper.objects.all()",
        "Paper.objects.filter(pk=1)",
        "Paper.objects.get(pk=1)",
        "list(Paper.objects)",
        "models.Paper.objects.all()",
        "Renamed.objects.first()",
        "Paper._base_manager.all()",
        "Paper._default_manager.get(pk=1)",
        "person._meta.model._base_manager.all()",
        "person.paper_set.all()",
        "get_object_or_404(Paper, pk=1)",
        "shortcuts.get_list_or_404(Paper)",
        "getattr(Paper, 'obj' + 'ects').all()",
        "(held := Paper)",
        "Paper.objects.raw('select * from app_paper')",
    ],
)
@pytest.mark.parametrize("name", ["views.py", "queries/papers.py", "presenters.py", "access.py"])
def test_a_way_past_who_asks_is_caught_by_file_and_line(tmp_path: Path, breach: str, name: str) -> None:
    text = f"from app import models\nfrom app.models import Paper, Paper as Renamed\n\nfound = [{breach}]\n"
    found = faults_of(tmp_path, text, name)
    assert found
    assert all(fault.startswith(f"{name}:4: ") for fault in found)


def test_another_name_for_a_model_is_caught(tmp_path: Path) -> None:
    assert "another name" in faults_of(tmp_path, "from app.models import Paper\nModel = Paper\n")[0]
    assert "by name" in faults_of(tmp_path, "from django.apps import apps\n")[0]


@pytest.mark.parametrize("name", ["actions.py", "actions/papers.py", "migrations/0002_more.py"])
def test_what_writes_may_reach_past(tmp_path: Path, name: str) -> None:
    assert faults_of(tmp_path, "from app.models import Paper\nPaper.objects.all()\n", name) == []


def test_a_model_is_scoped_or_says_why_it_is_not(tmp_path: Path) -> None:
    bare = "from django.db import models\nclass Note(models.Model):\n    pass\n"
    assert faults_of(tmp_path, "", models=bare) == [
        "models.py:2: Note is neither Scoped nor says why in `unscoped`."
    ]
    empty = bare.replace("pass", 'unscoped = " "')
    assert len(faults_of(tmp_path, "", models=empty)) == 1
    assert faults_of(tmp_path, "", models=bare.replace("pass", 'unscoped = "It is public."')) == []
