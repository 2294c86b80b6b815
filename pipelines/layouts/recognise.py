"""Which of the known shapes a table has, told from its headings."""

from __future__ import annotations

import re

from pipelines.tidy import match_headings, read_period
from schemas.mapping import BREAKDOWN, LEFT_ASIDE, SHEET, Layout, LayoutKind, Mapping
from schemas.observation import NUMBERS
from schemas.words import plain_word

QUARTER = re.compile(r"[tq]|trim", re.IGNORECASE)

SIGNATURES = {
    LayoutKind.SDMX: (("time_period",), ("obs_value",)),
    LayoutKind.DHIS2: (
        ("dataelement", "data_element", "dx"),
        ("period", "pe"),
        ("orgunit", "org_unit", "organisation_unit", "ou"),
        ("value",),
    ),
}
KNOWN = {
    "territory_code": (
        *("zone", "zone_geographique", "libelle_zone", "geo", "geography", "data_geography", "ref_area", "libgeo"),
        *("codgeo", "commune", "nom_territoire", "libelle_territoire"),
        *("orgunit", "org_unit", "organisation_unit", "ou"),
    ),
    "indicator_code": (
        *("libelle_indicateur", "nom_indicateur", "serie", "series", "variable"),
        *("dataelement", "data_element", "dx"),
    ),
    "period": ("pe", "year", "annee"),
    "obs_status": ("obs_flag", "observation_status"),
    "comment": ("comment_obs", "obs_comment", "comments"),
}
"""Headings that other formats use for our columns, beside the synonyms of the template's own."""

NEVER_A_BREAKDOWN = frozenset(
    [
        *("structure", "structure_id", "structure_name", "dataflow", "action", "series_key", "obs_key", "freq"),
        *("last_update", "unit_mult", "unit_multiplier", "unit_measure", "units", "decimals", "title", "time_format"),
        *("storedby", "timestamp", "created", "lastupdated", "last_updated", "followup", "deleted"),
        *("geocode", "source_code"),
    ]
)


def recognise_layout(headings: list[str], mapping: Mapping | None = None) -> Layout | None:
    """The layout of a table with these headings; None where they are the template's own, or nothing known.

    A mapping may say which headings are periods and what the others stand for.
    """
    plain = {name: plain_word(_id_of(name)) for name in headings if name != "source_row"}
    for kind, signature in SIGNATURES.items():
        if all(set(words) & set(plain.values()) for words in signature):
            return _lay_out(kind, plain, mapping)
    words = list(plain.values())
    if words[:1] == ["year"] and words[-1:] == ["value"]:
        return _lay_out(LayoutKind.OPEN_SDG, plain, mapping)
    periods = find_periods(list(plain), mapping.period_columns if mapping else "")
    own = match_headings([name for name in plain if name not in periods])
    if not periods or ("period" in own and own.keys() & {"value", "numerator"}):
        return None
    return _lay_out(LayoutKind.WIDE, {name: plain[name] for name in plain if name not in periods}, mapping, periods)


def _id_of(heading: str) -> str:
    """« GEO: Geopolitical entity » is GEO: SDMX-CSV with both labels."""
    return heading.split(": ")[0]


def find_periods(headings: list[str], pattern: str = "") -> tuple[str, ...]:
    """The headings that are periods: one quarter is enough, of bare years two are needed."""
    if pattern:
        return tuple(name for name in headings if re.search(pattern, name))
    found = tuple(name for name in headings if read_period(name))
    return found if len(found) > 1 or any(QUARTER.search(name) for name in found) else ()


def _lay_out(kind: LayoutKind, plain: dict[str, str], mapping: Mapping | None, periods: tuple[str, ...] = ()) -> Layout:
    named = {_id_of(name): name for name in reversed(plain)}
    columns = {code: named[short] for code, short in match_headings(list(named)).items()}
    for code, words in KNOWN.items():
        fits = [name for name, word in plain.items() if word in words and name not in columns.values()]
        if fits and code not in columns:
            columns[code] = fits[0]
    if kind is LayoutKind.WIDE:
        columns = {code: name for code, name in columns.items() if code not in ("period", *NUMBERS)}
    told = _told(mapping, plain)
    columns = {code: name for code, name in columns.items() if name not in told}
    columns |= {code: name for name, code in told.items() if code not in (LEFT_ASIDE, BREAKDOWN)}
    breakdowns = [name for name, code in told.items() if code == BREAKDOWN]
    taken = {*columns.values(), *told}
    rest = [name for name, word in plain.items() if name not in taken and word not in NEVER_A_BREAKDOWN]
    if kind is LayoutKind.WIDE:
        return Layout(kind, columns, tuple(breakdowns), periods, tuple(rest))
    return Layout(kind, columns, (*breakdowns, *rest))


def _told(mapping: Mapping | None, plain: dict[str, str]) -> dict[str, str]:
    """What the mapping says of the headings that the table has."""
    if mapping is None:
        return {}
    told = dict(mapping.columns)
    if mapping.territory_column:
        told[mapping.territory_column] = "territory_code"
    if mapping.sheets:
        told[SHEET] = mapping.sheets
    return {name: code for name, code in told.items() if name in plain}


def name_layout(layout: Layout) -> str:
    """What makes two tables of one layout: its kind and headings, whatever the periods and the order."""
    headings = sorted(plain_word(name) for name in (*layout.columns.values(), *layout.breakdowns, *layout.untold))
    return " ".join([layout.kind.value, *headings])
