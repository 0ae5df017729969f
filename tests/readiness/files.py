"""Small files of every kind that people send as evidence, made here, and some that pretend."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib

PDF = b"%PDF-1.4\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n"
JPEG = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01" + b"\x00" * 40 + b"\xff\xd9"
CSV = "Board,Risk\nQNC,£5m\n".encode()


def png() -> bytes:
    """One white point."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(b"\x00\xff"))
        + chunk(b"IEND", b"")
    )


def office(member: str, said: str, *others: str) -> bytes:
    """A zip with the members of an office file."""
    to = io.BytesIO()
    with zipfile.ZipFile(to, "w") as archive:
        archive.writestr(
            "[Content_Types].xml", f'<Types><Override ContentType="application/{said}"/></Types>'
        )
        for name in (member, *others):
            archive.writestr(name, "<x/>")
    return to.getvalue()


def docx(*others: str) -> bytes:
    said = "vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
    return office("word/document.xml", said, *others)


def workbook() -> bytes:
    """A workbook as a real program writes it."""
    import xlsxwriter

    to = io.BytesIO()
    with xlsxwriter.Workbook(to) as book:
        book.add_worksheet().write(0, 0, "evidence")
    return to.getvalue()
