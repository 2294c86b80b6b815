"""Real files with bytes changed, cut, doubled and mixed: a prepared submission or a refusal, and soon."""

from __future__ import annotations

import os
import tarfile
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sent_files import csv_file

from schemas.issue import UnreadableFile
from schemas.submission import PreparedSubmission

FULL = bool(os.environ.get("CAP_FULL_SIZE"))
ROW = "FR-99-TILLEULS;;JEU-01;2026-T3;total;;38;142;26,8;normal;libre;;;30/09/2026;Mission locale;"
CASES = Path(__file__).parent.parent.parent.parent / "shared" / "cases"
SPICES = (
    b'"',
    b";",
    b"\n",
    b"\r",
    b"\x00",
    b"\xff",
    b"=",
    b"'",
    b"\xe2\x80\xaf",
    b"NaN",
    b"1e999",
    b"\t",
    b"%",
    b"@",
    b"2026-T3",
)


def list_seeds(largest: int = 3000) -> tuple[list[bytes], list[bytes]]:
    """Beginnings of texts, and small workbooks."""
    texts = [csv_file(ROW, ROW.replace("38", "n.d."), ROW.replace("2026-T3", "T3 2026"))]
    for archive in ("duckdb", "frictionless", "survey") if CASES.is_dir() else ():
        with tarfile.open(CASES / "reading" / f"{archive}.tar.xz") as tar:
            contents = (tar.extractfile(member) for member in tar if member.isfile())
            texts += [content.read(largest) for content in contents if content][:40]
    files = sorted(CASES.rglob("*.*")) if CASES.is_dir() else []
    texts += [path.read_bytes()[:largest] for path in files if path.suffix == ".csv"][:60]
    books = [path.read_bytes() for path in files if path.suffix in (".xlsx", ".xls", ".ods", ".xlsb")]
    return texts, [book for book in books if len(book) < 12_000]


TEXTS, BOOKS = list_seeds()


@st.composite
def mutated(draw: st.DrawFn, seeds: list[bytes]) -> bytes:
    content = bytearray(draw(st.sampled_from(seeds)))
    for _ in range(draw(st.integers(1, 5))):
        at = draw(st.integers(0, max(0, len(content) - 1)))
        how = draw(st.integers(0, 4))
        if how == 0:
            content[at : at + 1] = bytes([draw(st.integers(0, 255))])
        elif how == 1:
            content[at:at] = draw(st.sampled_from(SPICES)) * draw(st.integers(1, 3))
        elif how == 2:
            del content[at : at + draw(st.integers(1, 60))]
        elif how == 3:
            content[at:at] = content[at : at + draw(st.integers(1, 200))]
        else:
            content[at:at] = draw(st.sampled_from(seeds))[:300]
    return bytes(content)


QUIET = settings(
    deadline=timedelta(seconds=10),
    derandomize=True,
    database=None,
    suppress_health_check=list(HealthCheck),
)


@given(mutated(TEXTS))
@settings(QUIET, max_examples=90_000 if FULL else 1_500)
@example(b'\xef\xbb\xbf"')
@example(b"dataelement,\x01period,period,orgunit,value\nf7n,201201,201201,Disz,1\nf7n,201202,201202,Disz,2\n")
@example(b"ii\n1\n2\n3\n*,name\n1,english\n2,\xa9\n")
def test_a_mutated_text_is_a_submission_or_a_refusal(
    prepare: Callable[..., PreparedSubmission], content: bytes
) -> None:
    """Read, scanned, tidied and checked: nothing else comes out."""
    try:
        prepared = prepare(content)
    except UnreadableFile:
        return
    assert len(list(prepared.issues[:50])) == min(50, len(prepared.issues))


@pytest.mark.skipif(not BOOKS, reason="the real workbooks of ../shared/cases are the seeds")
@given(mutated(BOOKS or [b""]))
@settings(QUIET, max_examples=10_000 if FULL else 150)
def test_a_mutated_workbook_is_a_submission_or_a_refusal(
    prepare: Callable[..., PreparedSubmission], content: bytes
) -> None:
    """Most are damaged; those that are not are read to their end."""
    try:
        prepared = prepare(content, "f.xlsx")
    except UnreadableFile:
        return
    assert prepared.is_ready <= (prepared.row_count > 0)
