"""Files as people send them: literal lines in, bytes out. Not a test."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import xlsxwriter

from schemas.issue import Issue

ROOT = Path(__file__).parent.parent.parent
NOW = datetime(2026, 11, 23, 10, 0, tzinfo=ZoneInfo("Europe/Paris"))
TILLEULS = "FR-99-TILLEULS"
HEADINGS = (
    "code_territoire;code_quartier;code_indicateur;periode;ventilation;modalite;numerateur;denominateur;valeur;"
    "statut;confidentialite;repondants;taux_reponse;date_reference;source;commentaire"
)
INSEE_FILE = "french/insee_trimestriel/taux_chomage_localise_regions_large.csv"
INSEE_MAPPING = ROOT / "data" / "examples" / "insee" / "chomage_localise.toml"


def csv_file(*lines: str, headings: str = HEADINGS) -> bytes:
    """The French way: UTF-8 with BOM, semicolons, CRLF; the first line of `lines` is line 2 of the file."""
    return ("\ufeff" + "".join(f"{line}\r\n" for line in (headings, *lines))).encode()


def xlsx_file(fill: Callable[[xlsxwriter.Workbook], None]) -> bytes:
    """A workbook made by `fill`."""
    content = io.BytesIO()
    with xlsxwriter.Workbook(content, {"in_memory": True}) as workbook:
        fill(workbook)
    return content.getvalue()


def located(issues: Iterable[Issue]) -> list[tuple[str, int | None, str | None, str | None]]:
    """What an issue says of the file: its code, its row, its column, what was found there."""
    return [(issue.code.value, issue.row, issue.column, issue.found) for issue in issues]
