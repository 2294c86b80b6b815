"""Personal data has no place in a deposit: found before anything touches a disk or a log."""

from __future__ import annotations

import re

import polars as pl
from stdnum import iban
from stdnum.fr import nir

from schemas.issue import Code, Issue, Issues
from schemas.reading import Reading
from schemas.words import plain_word

EMAIL = r"[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*\.[A-Za-z]{2,}"
PHONE_SHAPE = r"(?:(?:\+|00)(?:33|262|590|594|596)[\s.\-]?|0)[1-9](?:[\s.\-]?\d{2}){4}"
PHONE = rf"(?<!\d)(?<!\d[.,]){PHONE_SHAPE}(?!\d)(?![.,]\d)"
NIR_SHAPE = r"(?i)[1-478]\s?\d{2}\s?(?:0[1-9]|1[0-2]|[2-9]\d)\s?(?:\d{2}|2[AB])\s?\d{3}\s?\d{3}(?:\s?\d{2})?"
NIR = rf"{NIR_SHAPE[:4]}(?<!\d)(?<!\d[.,]){NIR_SHAPE[4:]}(?!\d)"
IBAN = r"(?i)FR\d{2}(?:\s?[0-9A-Z]{4}){5}\s?[0-9A-Z]{3}"
PERSONAL_HEADINGS = frozenset(
    [
        "nom",
        "prenom",
        "prenoms",
        "date_naissance",
        "date_de_naissance",
        "ddn",
        "adresse",
        "nir",
        "secu",
        "allocataire",
        "matricule",
        "ine",
        "identifiant_ft",
        "telephone",
        "tel",
        "portable",
        "mail",
        "email",
        "e_mail",
        "courriel",
        "nom_prenom",
        "nom_et_prenom",
    ]
)


NAMED = r"\b(?:M\.|Mr|Mme|Mlle|Monsieur|Madame|Mademoiselle)\s+[A-ZÉÈÀÂÎÔÇ][\w’'-]+"


def find_personal_data(reading: Reading) -> Issues:
    """Every heading, cell, line outside the table or note that names a person: place and kind, never the value."""
    issues = []
    for position, name in enumerate(reading.table.columns[1:], 1):
        kind = "heading" if plain_word(name) in PERSONAL_HEADINGS else _kind_of(name)
        if kind:
            shown = name if kind == "heading" else f"({position})"
            issues.append(Issue(Code.PERSONAL_DATA, reading.header_row, shown, context={"kind": kind}))
    for one in reading.aside:
        kind = _kind_of(one.text)
        if kind:
            issues.append(Issue(Code.PERSONAL_DATA, one.line, None, context={"kind": kind}))
    any_hit = "|".join(f"(?:{pattern})" for pattern in (EMAIL, PHONE_SHAPE, NIR_SHAPE, IBAN))
    for name in reading.table.columns[1:]:
        suspects = reading.table.select("source_row", pl.col(name).alias("cell")).filter(
            pl.col("cell").str.contains(any_hit)
        )
        for row, cell in suspects.rows():
            kind = _kind_of(cell)
            if kind:
                issues.append(Issue(Code.PERSONAL_DATA, row, name, context={"kind": kind}))
    return Issues.of(issues) + _list_names(reading)


def _list_names(reading: Reading) -> Issues:
    """Cells where somebody may be named: « Mme Durand », not « Mme la préfète »."""
    parts = []
    for name in reading.table.columns[1:]:
        cells = reading.table[name].unique()
        named = cells.filter(cells.str.contains(NAMED))
        if len(named):
            rows = reading.table.filter(pl.col(name).is_in(named.implode()))
            said = {"code": pl.lit(Code.MAYBE_PERSONAL_DATA.value), "column": pl.lit(name), "kind": pl.lit("name")}
            parts.append(rows.select(row="source_row", **said))
    return Issues(*parts)


def _kind_of(cell: str) -> str | None:
    if re.search(EMAIL, cell):
        return "email"
    if any(iban.is_valid(match.group()) for match in re.finditer(IBAN, cell)):
        return "iban"
    if any(_is_nir(match.group()) for match in re.finditer(NIR, cell)):
        return "nir"
    if re.search(PHONE, cell):
        return "phone"
    return None


def _is_nir(text: str) -> bool:
    """15 characters must carry the right key; 13 have none to verify."""
    bare = re.sub(r"[^0-9AaBb]", "", text).upper()
    return nir.is_valid(bare) if len(bare) == 15 else len(bare) == 13
