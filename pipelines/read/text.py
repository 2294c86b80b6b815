"""The text of a file -> rows: its encoding, its separator, its quotes, and lines that break the rules."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice

import polars as pl

from pipelines.cells import Row
from pipelines.read.table import HEADER_LINES, HEADER_WITHIN, Header, find_header, name_columns
from schemas.issue import UnreadableFile
from schemas.observation import REMARKS_HEADING

SEPARATORS = (";", ",", "\t", "|", " ")
SAMPLE = 60
WRAPPED = re.compile(r'"(?:[^"]|"")*[;,\t|](?:[^"]|"")*"')
LONGEST_RECORD, PATIENCE = 300, 300_000
LARGEST_CELL = 1_000_000
START = 1_000_000
MOST_CUT, MOST_LINES = 40_000_000, 500_000
UTF_8, UTF_16 = b"\xef\xbb\xbf", (b"\xff\xfe", b"\xfe\xff")
OUR_COPY = re.compile(rf'(.)"?{REMARKS_HEADING}"?\s*$', re.MULTILINE)
ONE_BYTE = ("cp1252", "iso8859-15", "mac_roman")
FRENCH = set("éèêëàâäîïôöùûüçœæÉÈÀÇÊÎÔŒ«»’‘“”°€…–—\u00a0•")

ORDINARY = re.compile(r"[ -~\r\n\t\u00a0\u202f\ufeff\x00]+")

csv.field_size_limit(LARGEST_CELL)


@dataclass(frozen=True)
class Dialect:
    """How the lines of a text are cut into cells."""

    separator: str
    quote: str = '"'
    escape: str | None = None
    skips_space: bool = False

    def parse(self, lines: Iterable[str]) -> tuple[list[str], int]:
        """The first record of these lines, and how many lines it takes.

        Raises csv.Error where a quote is out of place or never closed; the lines are then read as far as that.
        """
        if self.escape:
            lines = (line.replace(self.escape + self.quote, self.quote * 2) for line in lines)
        reader = csv.reader(
            lines, delimiter=self.separator, quotechar=self.quote, skipinitialspace=self.skips_space, strict=True
        )
        return next(reader), reader.line_num


def find_encoding(content: bytes) -> str:
    """utf-8, utf-8-sig, utf-16 (with its byte order), or the one-byte encoding that gives the best French.

    A general detector needs more text than a quarter's figures hold: of the twelve short texts in the test,
    charset-normalizer decodes four rightly.
    """
    if content.startswith(UTF_16):
        return "utf-16"
    if content.startswith(UTF_8):
        return "utf-8-sig"
    if b"\x00" in content[:4096]:
        return "utf-16-le" if content[1:400:2].count(0) > content[:400:2].count(0) else "utf-16-be"
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        letters = bytes(byte for byte, _ in Counter(content).most_common() if byte > 127)
        return max(ONE_BYTE, key=lambda encoding: _french_in(content, letters, encoding))
    return "utf-8"


def _french_in(content: bytes, letters: bytes, encoding: str) -> int:
    """How many of the letters beyond ASCII are those of French texts, less those that no text holds."""
    count = Counter(content)
    weigh = {True: 1, False: -1}
    text = {byte: bytes([byte]).decode(encoding, errors="replace") for byte in letters}
    return sum(
        count[byte] * (weigh[letter in FRENCH] if letter.isprintable() or letter == "\u00a0" else -3)
        for byte, letter in text.items()
    )


def decode(content: bytes, filename: str) -> tuple[str, str]:
    """The text and its encoding. Raises UnreadableFile("not_a_table") for bytes that are no text."""
    encoding = find_encoding(content)
    text = content.decode(encoding, errors="replace")
    refuse_strange_signs(text, filename)
    return text.removeprefix("\ufeff"), encoding.removesuffix("-sig")


def decode_start(content: bytes) -> tuple[str, str]:
    """The first lines of a text that seems to be UTF-8, and that encoding; '' where it is not, or has no line end."""
    start = content[:START]
    start = start if len(content) <= START else start[: start.rfind(b"\n") + 1]
    if content.startswith(UTF_16) or b"\x00" in start[:4096]:
        return "", ""
    try:
        return start.decode("utf-8-sig"), "utf-8"
    except UnicodeDecodeError:
        return "", ""


def refuse_strange_signs(text: str, filename: str) -> None:
    """Raise UnreadableFile("not_a_table") for what is no text."""
    beginning = text[:4096]
    rest = ORDINARY.sub("", beginning)
    strange = 0 if rest.isprintable() else sum(1 for letter in rest if not letter.isprintable())
    if strange > len(beginning) / 50 or beginning.count("\x00") > 16:
        raise UnreadableFile("not_a_table", filename)


def find_dialect(text: str) -> Dialect:
    """The way of cutting that gives many lines the same number of cells, as many as can be."""
    named = re.match(r'"?sep=(.)"?\r?\n', text, re.IGNORECASE)
    if named:
        return _complete(named[1], text)
    lines = split_lines(text[:200_000], SAMPLE)
    ours = REMARKS_HEADING in text[:20_000] and OUR_COPY.search(text[:20_000])
    if ours:  # our own annotated copy: its remarks hold commas
        return _complete(ours[1], text[:200_000])
    sample = "".join(lines)

    def agreement(separator: str) -> tuple[bool, float, int]:
        widths = Counter(_measure_rows(lines, _complete(separator, sample)))
        width, most = max(widths.items(), key=lambda item: (item[1] ** 2 * (item[0] - 1), item[0]), default=(1, 0))
        is_plain = separator != " " and width > 2 and most == widths.total() > 1
        likely = 0.1 if separator == " " else 1
        return (is_plain, likely * most**2 * (width - 1), width)

    return _complete(max(SEPARATORS, key=agreement), text[:200_000])


def _measure_rows(lines: list[str], dialect: Dialect) -> list[int]:
    """How many cells each row has."""
    if any(dialect.quote in line for line in lines):
        return [len(cells) for _, cells in split_rows(lines, dialect, None)]
    return [line.count(dialect.separator) + 1 for line in lines if line.replace(dialect.separator, "").strip()]


def _complete(separator: str, sample: str) -> Dialect:
    """The quote, the escape sign and the spaces that go with a separator in this text."""
    if '"' not in sample and "'" not in sample:
        return Dialect(separator)
    edges = {quote: _count_edges(sample, separator, quote) for quote in ('"', "'")}
    quote = "'" if edges["'"] >= 4 and edges["'"] > 4 * edges['"'] else '"'
    doubled = sample.count(quote * 2) - sample.count(separator + quote * 2 + separator)
    escapes = [
        sign for sign in ("\\", "\x00") if sample.count(sign + quote) > max(1, doubled - sample.count(sign + quote * 2))
    ]
    skips = separator != " " and separator + quote not in sample
    skips = skips and re.search(f"{re.escape(separator)} +{quote}", sample) is not None
    return Dialect(separator, quote, escapes[0] if escapes else None, skips)


def _count_edges(sample: str, separator: str, quote: str) -> int:
    return sum(sample.count(edge) for edge in (separator + quote, quote + separator, "\n" + quote, quote + "\n"))


def are_wrapped(start: str) -> bool:
    """Whether each of the first lines is one quoted cell that holds separators: a table saved as a single column."""
    lines = [line.strip() for line in split_lines(start[:START], SAMPLE) if line.strip()]
    return len(lines) > 1 and all(WRAPPED.fullmatch(line) for line in lines)


def unwrap_lines(text: str) -> str:
    """The text without the quotes around its lines, if it is so wrapped."""
    if not are_wrapped(text):
        return text
    lines = ((line.rstrip("\r\n"), line[len(line.rstrip("\r\n")) :]) for line in split_lines(text))
    bare = ((line[1:-1].replace('""', '"') if WRAPPED.fullmatch(line) else line, end) for line, end in lines)
    return "".join(line + end for line, end in bare)


def split_lines(text: str, most: int | None = None) -> list[str]:
    """The lines of a text, each with its end: nothing but line feeds and carriage returns ends a line."""
    return list(islice(io.StringIO(text, newline=""), most))


def split_rows(lines: list[str], dialect: Dialect, width: int | None, most: int | None = None) -> list[Row]:
    """The cells of each record and the number of its first line; blank lines are counted, not kept.

    A record whose quotes break the rules is cut so that it has `width` cells where that can be; a quote that is
    never closed is a letter, and does not swallow the lines behind it.
    """
    rows: list[Row] = []
    at, patience = 0, PATIENCE
    while at < len(lines) and len(rows) != most:
        ahead = LONGEST_RECORD if patience > 0 else 1
        cells, taken, looked = _read_record(lines, at, dialect, width, ahead)
        patience -= looked - taken
        if any(cell.strip() for cell in cells):
            rows.append((at + 1, cells))
        at += taken
    return rows


def _read_record(
    lines: list[str], at: int, dialect: Dialect, width: int | None, ahead: int
) -> tuple[list[str], int, int]:
    """The cells of the record that begins on a line, how many lines it takes, and how many were looked at for it."""
    line = lines[at].rstrip("\r\n")
    if dialect.quote not in line and dialect.escape is None:
        cells = line.split(dialect.separator)
        return ([cell.lstrip(" ") for cell in cells] if dialect.skips_space else cells), 1, 1
    last = min(at + ahead, len(lines))
    places = iter(range(at, last))
    try:
        cells, taken = dialect.parse(lines[place] for place in places)
        if taken == 1 or width is None or len(_without_end(cells, width)) == width:
            return cells, taken, taken
    except csv.Error:
        pass
    return split_against_the_rules(line, dialect, width), 1, next(places, last) - at


def _without_end(cells: list[str], width: int) -> list[str]:
    return cells[:width] if not any(cell.strip() for cell in cells[width:]) else cells


def split_against_the_rules(line: str, dialect: Dialect, width: int | None) -> list[str]:
    """Cells of a line whose quotes are out of place: at most one quote that opens a cell is taken as a letter.

    Of the ways to do so the first that gives `width` cells, else the one that takes every quote as it stands.
    """
    usual = _cut(line, dialect, -1)
    if width is None or len(usual) == width:
        return usual
    openings = line.count(dialect.quote)
    for letter in range(min(openings, 60)):
        cells = _cut(line, dialect, letter)
        if len(cells) == width:
            return cells
    return usual


def _cut(line: str, dialect: Dialect, letter: int) -> list[str]:
    """Cut a line; the quote number `letter` among those that open a cell is read as a letter."""
    separator, quote = dialect.separator, dialect.quote
    line = line.replace(dialect.escape + quote, quote * 2) if dialect.escape else line
    cells, at, opened, may_close = [], 0, 0, True
    while True:
        while dialect.skips_space and line[at : at + 1] == " ":
            at += 1
        end = None
        if line[at : at + 1] == quote:
            is_empty = line[at + 1 : at + 2] == quote  # where no quote closes any more, only « "" » may
            end = _closing(line, at + 1, dialect) if opened != letter and (may_close or is_empty) else None
            may_close = may_close and (end is not None or opened == letter)
            opened += 1
        if end is None:
            stop = line.find(separator, at)
            stop = len(line) if stop < 0 else stop
            cells.append(line[at:stop])
        else:
            stop = end + 1
            cells.append(line[at + 1 : end].replace(quote * 2, quote))
        if stop >= len(line):
            return cells
        at = stop + 1


def _closing(line: str, at: int, dialect: Dialect) -> int | None:
    """Where the quote stands that closes a cell: before a separator or the end, not one of a pair."""
    quote, separator = dialect.quote, dialect.separator
    start = at
    while (at := line.find(quote, at)) >= 0:
        run = at
        while line[run : run + 1] == quote:
            run += 1
        is_edge = run == len(line) or line[run] == separator
        if is_edge and ((run - at) % 2 or run - 1 == start):
            return run - 1
        at = run
    return None


def read_rows(text: str, dialect: Dialect, filename: str) -> list[Row]:
    """Every row of a text, cut with the help of the width that most of them have.

    Raises UnreadableFile("too_large") for one too large to be cut line by line.
    """
    if len(text) > MOST_CUT or text.count("\n") > MOST_LINES:
        raise UnreadableFile("too_large", filename, limit=str(MOST_CUT // 1_000_000))
    lines = split_lines(text)
    rows = split_rows(lines, dialect, None)
    if dialect.quote not in text:
        return rows
    widths = Counter(len(cells) for _, cells in rows)
    return split_rows(lines, dialect, widths.most_common(1)[0][0]) if len(widths) > 1 else rows


def read_regular(plain: bytes, start: str, dialect: Dialect) -> tuple[pl.DataFrame, Header, list[Row]] | None:
    """The table of a UTF-8 text without any irregularity, read by polars; None where it has to be cut line by line.

    `start` is the text, or its first lines. Regular: no row longer than the header, no quote but around whole cells,
    no line break inside a cell.
    """
    if dialect.escape or dialect.skips_space or dialect.separator == " ":
        return None
    if b"\r" in plain and plain.count(b"\r") != plain.count(b"\r\n"):
        return None
    has_quotes = dialect.quote.encode() in plain
    if has_quotes and not _has_plain_quotes(plain, dialect):
        return None
    head = split_rows(split_lines(start[:START], 200), dialect, None, HEADER_WITHIN + HEADER_LINES)
    header = find_header(head)
    if header is None or header.last < 0 or len(head) <= header.last + 1:
        return None
    names = name_columns(header.names, len(header.names))
    line = head[header.last][0]
    try:
        frame = pl.read_csv(
            plain,
            separator=dialect.separator,
            quote_char=dialect.quote if has_quotes else None,
            has_header=False,
            skip_lines=line,
            schema=dict.fromkeys(names, pl.String),
            empty_string_is_null=False,
            row_index_name="source_row",
            row_index_offset=line + 1,
        )
    except pl.exceptions.PolarsError:
        return None
    longest = pl.max_horizontal(pl.col(pl.String).str.len_bytes().max())
    if len(plain) > LARGEST_CELL and frame.select(longest).item() > LARGEST_CELL:
        return None
    if has_quotes and len(frame) + line != plain.count(b"\n") + (not plain.endswith(b"\n")):
        return None
    return frame.replace_column(0, frame["source_row"].cast(pl.Int64)).rechunk(), header, head


def _has_plain_quotes(plain: bytes, dialect: Dialect) -> bool:
    """Whether each quote stands at the edge of a cell."""
    quote, separator = dialect.quote.encode(), dialect.separator.encode()
    opening = plain.count(separator + quote) + plain.count(b"\n" + quote) + plain.startswith(quote)
    closing = sum(plain.count(quote + sign) for sign in (separator, b"\n", b"\r")) + plain.endswith(quote)
    return opening == closing and opening + closing == plain.count(quote)
