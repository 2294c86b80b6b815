"""How a foreign table becomes observations: its layout, what a mapping says of it, what is left to ask."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

LEFT_ASIDE = ""
"""What a mapping says of a word whose rows are not to be taken."""

WHOLE = "total"
"""What a mapping says of a word that stands for no breakdown."""

BREAKDOWN = "breakdown"
"""What a mapping says of a heading under which the words of a breakdown stand."""

SHEET = "[feuille]"
"""The column that holds the sheet of each row, where the sheets of a workbook are read as one table."""

ONE_SHEET = "one"


class LayoutKind(StrEnum):
    """The shapes of table that are known beside the template's own."""

    WIDE = "wide"
    DHIS2 = "dhis2"
    SDMX = "sdmx"
    OPEN_SDG = "open_sdg"


class About(StrEnum):
    """What a question is about; the answers possible follow from it."""

    SHEETS = "sheets"
    COLUMN = "column"
    PLACE = "place"
    INDICATOR = "indicator"
    CATEGORY = "category"
    STATUS = "status"
    SOURCE = "source"


@dataclass(frozen=True)
class Layout:
    """What the headings of a table tell of its shape.

    `columns`: our column code -> its heading. `breakdowns`: headings of dimensions. `periods`: the headings that are
    periods. `untold`: headings whose part is not known.
    """

    kind: LayoutKind
    columns: dict[str, str]
    breakdowns: tuple[str, ...] = ()
    periods: tuple[str, ...] = ()
    untold: tuple[str, ...] = ()


@dataclass(frozen=True)
class Mapping:
    """What a table does not say by itself, asked once or written in a file.

    Words of the table -> ours: `territories` (`FR-44-BELLEVUE`, or `FR-44-BELLEVUE/QN04403M` for a quartier),
    `indicators`, `statuses`, `categories` (`Sex=Female` -> `sexe=femmes`); LEFT_ASIDE for rows not to be taken.
    `indicator_code` and `source` are those of every value where no column names them. `columns` tells what a heading
    stands for, `territory_column` that it names the areas; a row whose label is `status_label` holds the status
    words of the row above. `sheets`: what the names of a workbook's sheets stand for (`territory_code`,
    `indicator_code`), ONE_SHEET if only one of them is read.
    """

    name: str
    indicator_code: str = ""
    source: str = ""
    territory_column: str = ""
    territories: dict[str, str] = field(default_factory=dict)
    period_columns: str = ""
    status_label: str = ""
    statuses: dict[str, str] = field(default_factory=dict)
    indicators: dict[str, str] = field(default_factory=dict)
    categories: dict[str, str] = field(default_factory=dict)
    columns: dict[str, str] = field(default_factory=dict)
    sheets: str = ""
    catalogue: Path | None = None
    digest: str = ""

    def list_territories(self) -> list[str]:
        """The territories that its words stand for."""
        return sorted({place.split("/")[0] for place in self.territories.values() if place != LEFT_ASIDE})


@dataclass(frozen=True)
class Question:
    """One thing that a table does not say. `subject` is the word of the table, or the place it is asked for.

    `column` is the heading it stands under, `options` the answers possible; none where words are to be typed.
    """

    about: About
    subject: str = ""
    column: str = ""
    options: tuple[str, ...] = ()
