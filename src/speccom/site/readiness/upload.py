"""Keeps what is sent from filling the machine: of a file nothing is held beyond what evidence may have."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import RequestDataTooBig
from django.core.files.uploadhandler import FileUploadHandler

from speccom.readiness.evidence import LARGEST

LARGEST_REQUEST = 4 * LARGEST
"""Bytes of a form with its files; a longer one is not read at all."""


class Limited(FileUploadHandler):
    """Stands before the handlers that hold a file, and drops what comes after its first `LARGEST` bytes and a part.

    What is held is then too large by its size, so that the page says so in its own words.
    """

    def handle_raw_input(self, input_data: Any, META: Any, content_length: int, *_: Any) -> None:
        if content_length > LARGEST_REQUEST:
            raise RequestDataTooBig(f"A form of {content_length:,} bytes is larger than {LARGEST_REQUEST:,}.")

    def new_file(self, *given: Any, **named: Any) -> None:
        super().new_file(*given, **named)
        self._held = 0

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes | None:
        if self._held > LARGEST:
            return None
        self._held += len(raw_data)
        return raw_data

    def file_complete(self, file_size: int) -> None:
        return None
