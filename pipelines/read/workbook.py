"""A workbook (XLSX, XLS, XLSB, ODS) -> the rows of its sheets, read by a process that may be ended at any time."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from threading import Lock
from typing import Any

from pipelines.workbook.frames import read_frame, write_frame
from pipelines.workbook.sheet import OLD_OFFICE, ZIP, Sheet
from schemas.issue import UnreadableFile
from schemas.reading import Aside

ROOT = Path(__file__).parent.parent.parent


def is_workbook(content: bytes) -> bool:
    return content.startswith((ZIP, OLD_OFFICE))


def read_sheets(content: bytes, filename: str) -> tuple[str, list[Sheet]]:
    """The kind of the workbook and its sheets. Raises UnreadableFile for what is damaged, hostile or none."""
    answer = READER.ask(content)
    if "refused" in answer:
        raise UnreadableFile(answer["refused"], filename, **answer["context"])
    sheets = [
        Sheet(name, [(line, cells) for line, cells in rows], tuple(map(tuple, notes)), tuple(hidden_lines), is_hidden)
        for name, rows, notes, hidden_lines, is_hidden in answer["sheets"]
    ]
    return answer["kind"], sheets


class Reader:
    """The process `pipelines.workbook`, begun when it is first needed; it ends with ours. One workbook at a time.

    A process that does not answer any more is given up with its workbook; the next one has a new process.
    """

    def __init__(self) -> None:
        self.lock = Lock()
        self.process: subprocess.Popen[bytes] | None = None

    def ask(self, content: bytes) -> dict[str, Any]:
        with self.lock:
            if self.process is None or self.process.poll() is not None:
                self.process = _begin()
            try:
                write_frame(self.process.stdin, content)  # type: ignore[arg-type]
                answer = read_frame(self.process.stdout)  # type: ignore[arg-type]
            except OSError:
                answer = b""
            if not answer:
                self.process.kill()
                self.process = None
                return {"refused": "too_heavy_workbook", "context": {}}
        return dict(json.loads(answer))


def _begin() -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "pipelines.workbook"]
    pipe = subprocess.PIPE
    return subprocess.Popen(command, cwd=ROOT, stdin=pipe, stdout=pipe, start_new_session=True)


READER = Reader()


def list_aside(sheets: list[Sheet], chosen: Sheet | None) -> list[Aside]:
    """The texts of the other sheets, the notes of all, and what stands in no sheet."""
    aside = [
        Aside(line, note, "comment" if sheet.name else "outside", sheet.name)
        for sheet in sheets
        for line, note in sheet.notes
    ]
    for sheet in sheets:
        if sheet is not chosen:
            why = "hidden_sheet" if sheet.is_hidden else "other_sheet"
            aside += [Aside(line, cell, why, sheet.name) for line, cells in sheet.rows for cell in cells if cell]
    return aside
