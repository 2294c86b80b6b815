"""The file that someone sent, given back with what is to be corrected in it: marked cells, or a column of remarks.

A workbook keeps its formats, merged cells and other sheets; a text keeps its bytes. Nothing is said of a cell that
is not in the file already.
"""

from __future__ import annotations

import re

from outputs.annotated.book import Rows, annotate_book
from outputs.annotated.text import annotate_text
from schemas.issue import Issues
from schemas.reading import Reading
from texts import Words

LONGEST_NAME = 120


def write_annotated(
    content: bytes, reading: Reading, issues: Issues, words: Words, rows: Rows | None = None
) -> tuple[bytes, str]:
    """The annotated copy and its file name.

    `rows`, all lines of the sheet read, are needed for what openpyxl does not write (xls, xlsb, ods): the copy then is
    an XLSX of their texts. Raises UnreadableFile where a workbook can neither be loaded nor copied.
    """
    issues = issues.in_order()
    if reading.kind == "csv":
        copy = annotate_text(content, reading, issues, words)
    else:
        copy = annotate_book(content, reading, issues, words, rows)
    return copy, name_annotated(reading, words)


def name_annotated(reading: Reading, words: Words) -> str:
    """« chiffres - à corriger.xlsx », in letters that every system takes; not said twice of a copy of a copy."""
    suffix = "csv" if reading.kind == "csv" else "xlsx"
    name = re.sub(r"\.(csv|txt|tsv|xlsx|xlsm|xlsb|xls|ods)$", "", reading.filename, flags=re.IGNORECASE)
    name = name.removesuffix(words("annotated.filename", name=""))
    name = re.sub(r'[\x00-\x1f\x7f<>:"/\\|?*]+', "_", name).strip(" .")[:LONGEST_NAME] or "observations"
    return f"{words('annotated.filename', name=name)}.{suffix}"
