"""Which kind of workbook a content is, and its sheets."""

from __future__ import annotations

import io
import lzma
import re
import struct
import warnings
import zipfile
import zlib
from xml.etree.ElementTree import ParseError

import xlrd
from openpyxl.utils.exceptions import InvalidFileException
from python_calamine import CalamineError

from pipelines.workbook.opendocument import read_ods, read_xlsb
from pipelines.workbook.sheet import MOST_CELLS, OLD_OFFICE, Budget, RefusedWorkbook, Sheet
from pipelines.workbook.xls import read_xls
from pipelines.workbook.xlsx import read_xlsx

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
    TypeError,
    ValueError,
    struct.error,
    xlrd.XLRDError,
    xlrd.compdoc.CompDocError,
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    RuntimeError,
)
READERS = {"xlsx": read_xlsx, "xls": read_xls, "xlsb": read_xlsb, "ods": read_ods}


def read_kind(content: bytes) -> tuple[str, list[Sheet]]:
    """The kind of the workbook and its sheets. Raises RefusedWorkbook for what is damaged, hostile or none."""
    try:
        kind = _find_kind(content)
        with warnings.catch_warnings(action="ignore"):  # openpyxl tells of extensions and styles it leaves out
            return kind, READERS[kind](content, Budget())
    except DAMAGE as error:
        raise RefusedWorkbook("unreadable_workbook") from error


def _find_kind(content: bytes) -> str:
    """xlsx, xlsb, ods or xls; what has macros, unpacks to too much or is no workbook is refused."""
    if content.startswith(OLD_OFFICE):
        if "_VBA_PROJECT".encode("utf-16-le") in content:
            raise RefusedWorkbook("macro_workbook")
        if "EncryptedPackage".encode("utf-16-le") in content:
            raise RefusedWorkbook("locked_workbook")
        return "xls"
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        parts = archive.infolist()
        names = {part.filename for part in parts}
        if sum(part.file_size for part in parts) > MOST_UNPACKED:
            raise RefusedWorkbook("too_large", limit=str(MOST_UNPACKED // 1_000_000))
        if any(name.lower().endswith("vbaproject.bin") or name.startswith("Basic/") for name in names):
            raise RefusedWorkbook("macro_workbook")
        _refuse_what_would_be_waited_for(archive)
        if "xl/workbook.bin" in names:
            if any(re.match(r"xl/(comments|threadedComments)", name) for name in names):
                raise RefusedWorkbook("comments_unreadable")
            return "xlsb"
        if "content.xml" in names and archive.read("mimetype")[:60].endswith(b"opendocument.spreadsheet"):
            return "ods"
        if not any(re.match(r"xl/workbook\w*\.xml$", name) for name in names):
            raise RefusedWorkbook("not_a_table")
    return "xlsx"


def _refuse_what_would_be_waited_for(archive: zipfile.ZipFile) -> None:
    """Small files may hold millions of cells, texts or empty rows: they are counted before anything is parsed."""
    tags = 0
    for part in archive.infolist():
        if not part.filename.endswith(".xml"):
            continue
        with archive.open(part) as source:
            while chunk := source.read(CHUNK):
                tags += chunk.count(b"<")
                if tags > MOST_TAGS:
                    raise RefusedWorkbook("too_many_cells", limit=str(MOST_CELLS))
