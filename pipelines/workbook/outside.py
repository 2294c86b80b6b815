"""Texts of a workbook that stand in no cell and in no comment: some are seen, all travel with the file."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterable, Iterator
from html import unescape
from urllib.parse import unquote
from xml.etree import ElementTree

from pipelines.workbook.sheet import Sheet

SHOWN = re.compile(r"xl/(drawings|charts)/[^/]+\.xml$")
SHEETS = re.compile(r"xl/worksheets/[^/]+\.xml$")
LINKS = re.compile(r".*\.rels$|content\.xml$")
ABOUT = re.compile(r"docProps/(core|custom)\.xml$|meta\.xml$")
PAGE_TEXT = re.compile(rb"<(?:\w+:)?(?:odd|even|first)(?:Header|Footer)\b[^>]*>([^<]+)<")
PAGE_CODE = re.compile(r'&(?:"[^"]*"|\d+|K[0-9A-F+]{6}|[A-Z])')
PROMPT = re.compile(rb"""\s(?:prompt|promptTitle|error|errorTitle|tooltip|display)=["']([^"']+)["']""")
TARGET = re.compile(rb"""\s(?:Target|\w+:href)=["']([^"']+)["']""")
MAY_SAY_WHO = re.compile(r"@|(?<!\d)(?!\d{4}-\d\d-\d\d)\d[\d\s.-]{6,}\d")
"""What an address or a number of a person has. Other properties and messages say nothing, but when it was saved."""


def list_outside(archive: zipfile.ZipFile, more: Iterable[tuple[int | None, str]] = ()) -> list[Sheet]:
    """Text boxes, headers and footers; of links, input messages and properties those that may say who somebody is.

    They come, and `more`, as the notes of a sheet without name.
    """
    notes = [*more, *((None, text) for text in dict.fromkeys(_list_texts(archive)) if text)]
    return [Sheet("", [], tuple(notes), is_hidden=True)] if notes else []


def _list_texts(archive: zipfile.ZipFile) -> Iterator[str]:
    for name in archive.namelist():
        if SHOWN.match(name):
            yield from _paragraphs(archive.read(name))
        elif SHEETS.match(name):
            part = archive.read(name).rpartition(b"sheetData>")[2]
            yield from (PAGE_CODE.sub(" ", text).strip() for text in _find(PAGE_TEXT, part))
            yield from filter(MAY_SAY_WHO.search, _find(PROMPT, part))
        elif LINKS.match(name):
            links = (unquote(link) for link in _find(TARGET, archive.read(name)))
            yield from (link for link in links if link.startswith(("mailto:", "tel:", "sms:")))
        elif name == "styles.xml":
            yield from _list_page_texts(archive.read(name))
        elif ABOUT.match(name):
            yield from filter(MAY_SAY_WHO.search, ElementTree.fromstring(archive.read(name)).itertext())


def _find(pattern: re.Pattern[bytes], part: bytes) -> Iterator[str]:
    return (unescape(one.decode(errors="replace")) for one in pattern.findall(part))


def _list_page_texts(styles: bytes) -> Iterator[str]:
    """Headers and footers of OpenDocument, but for the numbers of pages and the names of sheets."""
    for one in ElementTree.fromstring(styles).iter():
        if re.search(r"style:1\.0\}(header|footer)(-left|-first)?$", one.tag):
            text = " ".join("".join(one.itertext()).split())
            if not re.fullmatch(r"(\W|\d|Page)*", text):
                yield text


def _paragraphs(part: bytes) -> Iterator[str]:
    for one in ElementTree.fromstring(part).iter():
        if one.tag.endswith("/drawingml/2006/main}p"):
            yield "".join(one.itertext()).strip()
