"""A workbook (XLSX, XLS, XLSB, ODS) -> the rows of its sheets, every cell as the text a person sees."""

from __future__ import annotations

import io
import re
import struct
import warnings
import zipfile
import zlib
from xml.etree.ElementTree import ParseError

import xlrd
from openpyxl.utils.exceptions import InvalidFileException
from python_calamine import CalamineError

from pipelines.read.opendocument import read_ods, read_xlsb
from pipelines.read.sheet import MOST_CELLS, Budget, Sheet
from pipelines.read.xls import read_xls
from pipelines.read.xlsx import read_xlsx
from schemas.issue import UnreadableFile
from schemas.reading import Aside

ZIP, OLD_OFFICE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
MOST_UNPACKED = 200_000_000
MOST_TAGS = 6_000_000
CHUNK = 1 << 20
# What the libraries and their parsers raise over a workbook with wrong bytes in it.
DAMAGE = (
    ArithmeticError,
    AssertionError,
    AttributeError,
    CalamineError,
    EOFError,
    InvalidFileException,
    LookupError,
    NotImplementedError,
    OSError,
    ParseError,
    RecursionError,
    TypeError,
    ValueError,
    struct.error,
    xlrd.XLRDError,
    xlrd.compdoc.CompDocError,
    zipfile.BadZipFile,
    zlib.error,
)
READERS = {"xlsx": read_xlsx, "xls": read_xls, "xlsb": read_xlsb, "ods": read_ods}


def is_workbook(content: bytes) -> bool:
    return content.startswith((ZIP, OLD_OFFICE))


def read_sheets(content: bytes, filename: str) -> tuple[str, list[Sheet]]:
    """The kind of the workbook and its sheets. Raises UnreadableFile for what is damaged, hostile or none."""
    try:
        kind = _find_kind(content, filename)
        with warnings.catch_warnings(action="ignore"):  # openpyxl tells of extensions and styles it leaves out
            return kind, READERS[kind](content, filename, Budget(filename))
    except DAMAGE as error:
        raise UnreadableFile("unreadable_workbook", filename) from error


def _find_kind(content: bytes, filename: str) -> str:
    """xlsx, xlsb, ods or xls; what has macros, unpacks to too much or is no workbook is refused."""
    if content.startswith(OLD_OFFICE):
        if "_VBA_PROJECT".encode("utf-16-le") in content:
            raise UnreadableFile("macro_workbook", filename)
        if "EncryptedPackage".encode("utf-16-le") in content:
            raise UnreadableFile("locked_workbook", filename)
        return "xls"
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        parts = archive.infolist()
        names = {part.filename for part in parts}
        if sum(part.file_size for part in parts) > MOST_UNPACKED:
            raise UnreadableFile("too_large", filename, limit=str(MOST_UNPACKED // 1_000_000))
        if any(name.lower().endswith("vbaproject.bin") or name.startswith("Basic/") for name in names):
            raise UnreadableFile("macro_workbook", filename)
        _refuse_what_would_be_waited_for(archive, filename)
        if "xl/workbook.bin" in names:
            if any(re.match(r"xl/(comments|threadedComments)", name) for name in names):
                raise UnreadableFile("comments_unreadable", filename)
            return "xlsb"
        if "content.xml" in names and archive.read("mimetype")[:60].endswith(b"opendocument.spreadsheet"):
            return "ods"
        if not any(re.match(r"xl/workbook\w*\.xml$", name) for name in names):
            raise UnreadableFile("not_a_table", filename)
    return "xlsx"


def _refuse_what_would_be_waited_for(archive: zipfile.ZipFile, filename: str) -> None:
    """Small files may hold millions of cells, texts or empty rows: they are counted before anything is parsed."""
    tags = 0
    for part in archive.infolist():
        if not part.filename.endswith(".xml"):
            continue
        with archive.open(part) as source:
            while chunk := source.read(CHUNK):
                tags += chunk.count(b"<")
                if tags > MOST_TAGS:
                    raise UnreadableFile("too_many_cells", filename, limit=str(MOST_CELLS))


def list_aside(sheets: list[Sheet], chosen: Sheet | None) -> list[Aside]:
    """The texts of the other sheets and the notes of all."""
    aside = [Aside(line, note, "comment", sheet.name) for sheet in sheets for line, note in sheet.notes]
    for sheet in sheets:
        if sheet is not chosen:
            why = "hidden_sheet" if sheet.is_hidden else "other_sheet"
            aside += [Aside(line, cell, why, sheet.name) for line, cells in sheet.rows for cell in cells if cell]
    return aside
