"""The workbook that goes back to a provider: what was found in one file, counted and row by row.

It is written when asked for: a workbook takes longer to write than a small file takes to receive.
It lies in quarantine, because what a provider sent may name people; values that do are masked.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import xlsxwriter

from speccom.contracts.book import Receipt
from speccom.contracts.checks import all_checks
from speccom.workspace import Workspace

FINDINGS_WORKBOOK = "findings.xlsx"
# More than anybody corrects by hand; the count of the rest is on the first sheet.
MOST_FINDINGS = 200_000
_BATCH_ROWS = 10_000
_EFFECTS = {
    "reject file": "file refused",
    "reject record": "row held back",
    "warn": "row counted, please correct",
}


def write(workspace: Workspace, receipt: Receipt) -> Path:
    """Write the workbook of one receipt: a sheet that counts findings by check, and one that lists them."""
    directory = workspace.quarantine / receipt.sha256
    directory.mkdir(mode=0o700, exist_ok=True)
    path = directory / FINDINGS_WORKBOOK
    aside = directory / f".{FINDINGS_WORKBOOK}"
    # Text stays text: a cell that begins with = is what somebody typed, not a formula to run.
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(aside, options) as book:
        bold = book.add_format({"bold": True})
        _summary(book.add_worksheet("Summary"), receipt, bold)
        _findings(book.add_worksheet("Findings"), receipt.directory(workspace) / "findings.parquet", bold)
    aside.chmod(0o600)
    aside.replace(path)
    return path


def _summary(sheet: Any, receipt: Receipt, bold: Any) -> None:
    sheet.set_column(0, 0, 24)
    sheet.set_column(2, 4, 60)
    listed = min(MOST_FINDINGS, sum(receipt.findings.values()))
    about = [
        f"{receipt.name}: {receipt.data_set}, receipt {receipt.receipt}, received {receipt.received}",
        f"{receipt.rows} rows, of which {receipt.quarantined.rows} are held back and not counted",
        f"The next sheet lists {listed} of {sum(receipt.findings.values())} findings. Row 1 is the header row.",
        *(["SYNTHETIC: made up; no real patient or payment is in it."] if receipt.synthetic else []),
    ]
    for number, line in enumerate(about):
        sheet.write_string(number, 0, line)
    first = len(about) + 1
    for column, title in enumerate(("check", "findings", "what was found", "what to do", "what it means")):
        sheet.write_string(first, column, title, bold)
    counts = sorted(receipt.findings.items(), key=lambda item: (-item[1], item[0]))
    for number, (code, count) in enumerate(counts, start=first + 1):
        check = all_checks()[code]
        sheet.write_string(number, 0, code)
        sheet.write_number(number, 1, count)
        for column, text in enumerate((check.message, check.what_to_do, _EFFECTS[check.severity]), start=2):
            sheet.write_string(number, column, text)


def _findings(sheet: Any, path: Path, bold: Any) -> None:
    sheet.set_column(1, 6, 28)
    sheet.freeze_panes(1, 0)
    titles = ("row", "check", "field", "value sent", "what was found", "what to do", "what it means")
    for column, title in enumerate(titles):
        sheet.write_string(0, column, title, bold)
    number = 0
    with pq.ParquetFile(path) as file:
        for batch in file.iter_batches(_BATCH_ROWS):
            for finding in batch.to_pylist():
                number += 1
                if number > MOST_FINDINGS:
                    return
                check = all_checks()[finding["code"]]
                if finding["row"] is not None:
                    sheet.write_number(number, 0, finding["row"])
                texts = (
                    check.code,
                    finding["field"] or "",
                    finding["value"] or "",
                    check.message,
                    check.what_to_do,
                    _EFFECTS[check.severity],
                )
                for column, text in enumerate(texts, start=1):
                    sheet.write_string(number, column, text)
