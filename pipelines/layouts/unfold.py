"""A foreign table -> the long shape of the `observations` file, still all text; and what has to be asked first."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import polars as pl

from pipelines.layouts.melt import DELETIONS, MULTIPLIERS, melt_table, name_columns, refuse_rows
from schemas.catalogue import Catalogue
from schemas.issue import Code, Issue, Issues
from schemas.mapping import BREAKDOWN, LEFT_ASIDE, SHEET, WHOLE, About, Layout, LayoutKind, Mapping, Question
from schemas.observation import COLUMN
from schemas.words import ConfStatus, ObsStatus, plain_word

WHOLES = frozenset(["", "total", "ensemble", "all", "t", "z", "default"])
SDMX_STATUSES = {
    "A": ObsStatus.NORMAL,
    "P": ObsStatus.PROVISIONAL,
    "E": ObsStatus.ESTIMATED,
    "B": ObsStatus.BREAK,
    "U": ObsStatus.LOW_RELIABILITY,
    "N": ObsStatus.LOW_RELIABILITY,
    "M": ObsStatus.NOT_AVAILABLE,
}
SDMX_SECRECY = {"F": ConfStatus.FREE, "N": ConfStatus.INTERNAL, "C": ConfStatus.SECRET}


@dataclass(frozen=True)
class Unfolded:
    """One row a value under the template's headings, with `source_row` and, of a wide table, `source_column`.

    `headings` says under which heading of the file each of our columns stands; while there are `questions` the rows
    are not to be used.
    """

    rows: pl.DataFrame
    issues: Issues
    questions: tuple[Question, ...]
    headings: dict[str, str]


def unfold_table(
    table: pl.DataFrame,
    layout: Layout,
    mapping: Mapping,
    catalogue: Catalogue,
    territories: Sequence[str],
    is_asking: bool = True,
) -> Unfolded:
    """Turn a table of this layout into observations of these territories.

    What neither the table nor the mapping says is asked; `is_asking` false, it is a fault of the row or the cell
    (`wrong_territory`, `unknown_word`). An empty cell of a wide table is no value.
    """
    reader = _Reader(layout, mapping, catalogue, list(territories), is_asking)
    rows = reader.read(table)
    headings = dict(layout.columns)
    if reader.breakdowns:
        headings |= dict.fromkeys(("dimension", "category"), reader.breakdowns[0])
    names = {code: COLUMN[code].heading for code in rows.columns if code in COLUMN}
    kept = [name for name in ("source_row", "source_column", *names, "source_status") if name in rows.columns]
    return Unfolded(rows.select(kept).rename(names), Issues.of(reader.issues), tuple(reader.questions), headings)


class _Reader:
    """One table being unfolded: what is found wrong, and what has to be asked, on the way."""

    def __init__(
        self, layout: Layout, mapping: Mapping, catalogue: Catalogue, territories: list[str], is_asking: bool
    ) -> None:
        self.layout, self.mapping, self.catalogue, self.is_asking = layout, mapping, catalogue, is_asking
        self.territories = territories
        self.issues: list[Issue] = []
        self.questions: list[Question] = []
        self.breakdowns: list[str] = []

    def read(self, table: pl.DataFrame) -> pl.DataFrame:
        is_wide = self.layout.kind is LayoutKind.WIDE
        if is_wide:
            rows = melt_table(table, self.layout, self.mapping)
        else:
            kept, refused = refuse_rows(table)
            self.issues += refused
            rows = name_columns(kept, self.layout)
        rows = self._name_places(rows)
        rows = self._name_indicators(rows)
        rows = self._name_categories(rows)
        rows = self._name_statuses(rows)
        rows = self._name_source(rows)
        if is_wide and self.is_asking:
            self._ask_about_labels(rows)
        self._list_ignored(table)
        return rows

    # Its words

    def _name_places(self, rows: pl.DataFrame) -> pl.DataFrame:
        if "territory_code" not in rows.columns:
            is_known = len(self.territories) == 1
            return rows.with_columns(territory_code=pl.lit(self.territories[0])) if is_known else rows
        words = _words_of(rows, "territory_code")
        known = {word: place for word in words if (place := self._find_place(word)) is not None}
        unknown = [word for word in words if word not in known]
        if unknown and self.is_asking:
            column, options = self.layout.columns["territory_code"], tuple(unknown)
            self.questions += [Question(About.PLACE, place, column, options) for place in self._list_places()]
        elif unknown:
            self._blame(rows, "territory_code", unknown, Code.WRONG_TERRITORY)
        rows = rows.with_columns(_place=_translated("territory_code", known))
        rows = rows.filter(pl.col("_place").ne_missing(LEFT_ASIDE))
        if not self.is_asking:
            rows = rows.filter(pl.col("_place").is_not_null())
        parts = pl.col("_place").str.split("/")
        quartier = parts.list.get(1, null_on_oob=True).fill_null("")
        if "qpv_code" in rows.columns:
            quartier = pl.when(quartier == "").then("qpv_code").otherwise(quartier)
        return rows.with_columns(territory_code=parts.list.first(), qpv_code=quartier)

    def _find_place(self, word: str) -> str | None:
        if word in self.mapping.territories:
            return self.mapping.territories[word]
        if word.upper() in set(self.catalogue.territories["territory_code"]):
            return word.upper()
        return next((place for place in self._list_places() if place.endswith(f"/{word.upper()}")), None)

    def _list_places(self) -> list[str]:
        """The territories asked for, and their quartiers as `territory/quartier`."""
        pairs = self.catalogue.territory_quartiers.select("territory_code", "qpv_code").unique(maintain_order=True)
        return [
            place
            for territory in self.territories
            for place in (
                territory,
                *(f"{territory}/{qpv}" for qpv in pairs.filter(territory_code=territory)["qpv_code"]),
            )
        ]

    def _name_indicators(self, rows: pl.DataFrame) -> pl.DataFrame:
        options = tuple(self.catalogue.indicators["indicator_code"].unique().sort())
        if "indicator_code" not in rows.columns:
            if not self.mapping.indicator_code:
                self.questions.append(Question(About.INDICATOR, options=options))
            return rows.with_columns(indicator_code=pl.lit(self.mapping.indicator_code))
        codes = {code: code for code in options}
        known = {
            word: self.mapping.indicators.get(word, codes.get(word.upper())) or self._find_label(word)
            for word in _words_of(rows, "indicator_code")
        }
        known |= {word: LEFT_ASIDE for word, code in self.mapping.indicators.items() if code == LEFT_ASIDE}
        column = self.layout.columns["indicator_code"]
        unknown = [word for word, code in known.items() if code is None]
        if self.is_asking:
            self.questions += [Question(About.INDICATOR, word, column, (*options, LEFT_ASIDE)) for word in unknown]
        named = {word: word if code is None else code for word, code in known.items()}
        rows = rows.with_columns(indicator_code=_translated("indicator_code", named))
        return rows.filter(pl.col("indicator_code") != LEFT_ASIDE)

    def _find_label(self, word: str) -> str | None:
        """The one indicator whose label this is, letter for letter but for case and accents."""
        sheets = self.catalogue.indicators.select("indicator_code", "label_fr", "label_en").rows()
        fits = {code for code, *labels in sheets if plain_word(word) in map(plain_word, labels)}
        return fits.pop() if len(fits) == 1 else None

    def _name_categories(self, rows: pl.DataFrame) -> pl.DataFrame:
        """Words of breakdowns as dimension and category; a row may say one only."""
        self.breakdowns = self._find_breakdowns(rows)
        if not self.breakdowns:
            return rows
        known = {
            f"{name}={word}": self._find_category(name, word)
            for name in self.breakdowns
            for word in _words_of(rows, name)
        }
        options = tuple(
            self.catalogue.categories.select(pl.concat_str("dimension", "category", separator="=")).to_series()
        )
        asked = [key for key, category in known.items() if category is None]
        for key in asked:
            name, _, word = key.partition("=")
            self.questions.append(Question(About.CATEGORY, word, name, (WHOLE, *options, LEFT_ASIDE)))
        named = {key: category for key, category in known.items() if category is not None}
        keys = [
            _translated(pl.format("{}={}", pl.lit(name), pl.col(name).str.strip_chars()), named).alias(f"_{at}")
            for at, name in enumerate(self.breakdowns)
        ]
        rows = rows.with_columns(keys)
        said = [pl.col(f"_{at}") for at in range(len(keys))]
        is_left = pl.any_horizontal(one.eq_missing(pl.lit(LEFT_ASIDE)) for one in said)
        rows = rows.filter(~is_left)
        parts = [pl.when(one != WHOLE).then(one) for one in said]
        twice = rows.filter(pl.sum_horizontal(one.is_not_null() for one in parts) > 1)
        self.issues += [
            Issue(Code.NOT_AN_OBSERVATION, row, ", ".join(self.breakdowns), None, {"kind": "two_breakdowns"})
            for row in twice["source_row"].unique(maintain_order=True)
        ]
        pair = pl.coalesce(parts).str.split("=")
        return rows.with_columns(
            dimension=pair.list.first().fill_null(""), category=pair.list.get(1, null_on_oob=True).fill_null("")
        )

    def _find_breakdowns(self, rows: pl.DataFrame) -> list[str]:
        """The columns that tell values apart: not those that say the same everywhere, or what another says."""
        telling = [name for name in ("territory_code", "indicator_code") if name in rows.columns]
        kept: list[str] = []
        for name in self.layout.breakdowns:
            words = _words_of(rows, name)
            if all(plain_word(word) in WHOLES for word in words) or len(words) < 2:
                continue
            beside = [*telling, *kept]
            said = (
                rows.group_by(beside).agg(pl.col(name).n_unique()) if beside else rows.select(pl.col(name).n_unique())
            )
            if said[name].max() != 1:
                kept.append(name)
        return kept

    def _find_category(self, heading: str, word: str) -> str | None:
        told = self.mapping.categories.get(f"{heading}={word}")
        if told is not None:
            return told
        if plain_word(word) in WHOLES:
            return WHOLE
        every = self.catalogue.categories.select("dimension", "category", "label_fr", "label_en").rows()
        fits = {f"{d}={c}" for d, c, *labels in every if plain_word(word) in map(plain_word, (c, *labels))}
        return fits.pop() if len(fits) == 1 else None

    def _name_statuses(self, rows: pl.DataFrame) -> pl.DataFrame:
        """Status words as ours; the word itself stays in `source_status`."""
        if "conf_status" in rows.columns and self.layout.kind is LayoutKind.SDMX:
            rows = rows.with_columns(pl.col("conf_status").str.to_uppercase().replace(SDMX_SECRECY))
        if "obs_status" not in rows.columns:
            return rows
        words = _words_of(rows, "obs_status")
        known = {word: status for word in words if (status := self._find_status(word)) is not None}
        unknown = [word for word in words if word not in known]
        if unknown and self.is_asking:
            column = self.layout.columns.get("obs_status", "")
            options = tuple(status.value for status in ObsStatus)
            self.questions += [Question(About.STATUS, word, column, options) for word in unknown]
        elif unknown:
            self._blame(rows, "obs_status", unknown, Code.UNKNOWN_WORD)
        word = pl.col("obs_status").str.strip_chars().fill_null("")
        return rows.with_columns(obs_status=_translated("obs_status", known).fill_null(""), source_status=word)

    def _find_status(self, word: str) -> str | None:
        if word in self.mapping.statuses:
            return self.mapping.statuses[word]
        if self.layout.kind is LayoutKind.SDMX and word.upper() in SDMX_STATUSES:
            return SDMX_STATUSES[word.upper()].value
        return plain_word(word) if not word or plain_word(word) in set(ObsStatus) else None

    def _name_source(self, rows: pl.DataFrame) -> pl.DataFrame:
        if "source" in rows.columns and (rows["source"].str.strip_chars() != "").all():
            return rows
        if not self.mapping.source:
            self.questions.append(Question(About.SOURCE))
        given = pl.col("source").str.strip_chars() if "source" in rows.columns else pl.lit("")
        return rows.with_columns(source=pl.when(given == "").then(pl.lit(self.mapping.source)).otherwise(given))

    # What is left

    def _ask_about_labels(self, rows: pl.DataFrame) -> None:
        """Where two rows of a wide table cannot be told apart, what the next column of words stands for."""
        key = [
            name
            for name in ("territory_code", "qpv_code", "indicator_code", "dimension", "category", "period")
            if name in rows.columns
        ]
        if not rows.select(key).is_duplicated().any() or any(one.about is About.PLACE for one in self.questions):
            return
        for name in self.layout.untold:
            words = _words_of(rows, name)
            if len(words) > 1 and 2 * sum(any(map(str.isalpha, word)) for word in words) > len(words):
                options = ("territory_code", "indicator_code", BREAKDOWN, LEFT_ASIDE)
                rest = [one for one in self.questions if one.about is not About.INDICATOR]
                self.questions = [Question(About.COLUMN, name, name, options), *rest]
                return

    def _list_ignored(self, table: pl.DataFrame) -> None:
        """The columns that say nothing to us are named: they are never stored."""
        if not self.is_asking:
            return
        used = {*self.layout.columns.values(), *self.breakdowns, *self.layout.periods, SHEET}
        rest = [name for name in table.columns[1:] if name not in used]
        read = (*DELETIONS, *MULTIPLIERS)
        self.issues += [Issue(Code.UNKNOWN_COLUMN, column=name) for name in rest if plain_word(name) not in read]

    def _blame(self, rows: pl.DataFrame, code: str, words: Iterable[str], fault: Code) -> None:
        """A fault at every cell of the file that holds one of these words."""
        where, column = "source_row", pl.lit(self.layout.columns.get(code, code))
        if code == "obs_status" and "_status_row" in rows.columns:
            where, column = "_status_row", pl.col("source_column")
        found = pl.col(code).str.strip_chars()
        cells = rows.filter(found.is_in(list(words))).select(where, column.alias("column"), found.alias("found"))
        self.issues += [
            Issue(fault, row, name, word, {"mapping": self.mapping.name})
            for row, name, word in cells.unique(maintain_order=True).rows()
        ]


def _words_of(rows: pl.DataFrame, name: str) -> list[str]:
    return rows[name].fill_null("").str.strip_chars().unique(maintain_order=True).to_list()


def _translated(what: str | pl.Expr, words: dict[str, str]) -> pl.Expr:
    """The cells in our words; null where a word is not known."""
    cell = pl.col(what).fill_null("").str.strip_chars() if isinstance(what, str) else what
    return cell.replace_strict(words, default=None, return_dtype=pl.String)
