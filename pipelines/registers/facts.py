"""What the catalogue, the calendar and the file itself say of each row of a register: all that its rules look at."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from datetime import date

import polars as pl

from schemas.catalogue import Catalogue
from schemas.period import parse_period
from schemas.registers import ACTIONS, EVENTS, LOCAL_INDICATORS, MILESTONES, OF_THE_GOAL, TARGETS, Register

c = pl.col
CODES_NAMED = 20
SHEET = ("unit", "polarity", "frequency", "valid_min", "valid_max", "source_kind")


def gather_register_facts(
    rows: pl.DataFrame, register: Register, catalogue: Catalogue, territories: Collection[str], today: date
) -> pl.DataFrame:
    """The compared rows, and beside them `is_own_territory`, `own_territories`, `twins` (the lines of a key met more
    than once), `today`, and what the register's own rules need."""
    own = ", ".join(sorted(territories))
    facts = rows.with_columns(
        today=pl.lit(today),
        is_own_territory=c("territory_code").is_in(list(territories)).fill_null(False),
        own_territories=pl.lit(own),
        twins=_lines_alike(rows, register),
    )
    if "indicator_code" not in facts.columns:
        facts = facts.with_columns(indicator_code=pl.lit(None, pl.String))
    gather = GATHER.get(register.code)
    return gather(facts, catalogue) if gather else facts


def _lines_alike(rows: pl.DataFrame, register: Register) -> pl.Expr:
    needed = [code for code in register.key if register.column(code).required]
    lines = c("source_row").cast(pl.String).str.join(", ").over(register.key)
    return pl.when(pl.len().over(register.key) > 1, pl.all_horizontal(c(needed).is_not_null())).then(lines)


def _of_actions(facts: pl.DataFrame, catalogue: Catalogue) -> pl.DataFrame:
    goals = _codes_of(catalogue.goals, "goal_code")
    partners = _codes_of(catalogue.partners, "partner_code")
    for column, known in (("goal_codes", goals), ("lead_partner_code", partners), ("partner_codes", partners)):
        facts = _find_lost(facts, column, known)
    return facts


def _of_milestones(facts: pl.DataFrame, catalogue: Catalogue) -> pl.DataFrame:
    return _find_lost(facts, "action_code", _codes_of(catalogue.actions, "action_code"))


def _of_events(facts: pl.DataFrame, catalogue: Catalogue) -> pl.DataFrame:
    """`indicator_code` is the first that the catalogue does not have, for the nearest that it has."""
    codes = catalogue.indicators["indicator_code"].unique().sort().to_list()
    known = {one: [code for code in codes if _is_for(one, code)] for one in facts["territory_code"].unique()}
    facts = _find_lost(facts, "indicator_codes", known)
    return facts.with_columns(indicator_code=c("indicator_codes_lost").str.split(", ").list.first())


def _is_for(territory: str | None, indicator: str) -> bool:
    """A local indicator is for its own territory."""
    of_whom, colon, _ = indicator.rpartition(":")
    return not colon or of_whom == territory


def _of_local_indicators(facts: pl.DataFrame, catalogue: Catalogue) -> pl.DataFrame:
    known = catalogue.challenges["challenge_code"].to_list()
    facts = _find_lost(facts, "challenge_code", dict.fromkeys(facts["territory_code"].unique(), known))
    return facts.with_columns(prefix=c("indicator_code").str.split(":").list.first())


def _of_targets(facts: pl.DataFrame, catalogue: Catalogue) -> pl.DataFrame:
    sheets = catalogue.indicators.sort("version").unique("indicator_code", keep="last")
    facts = facts.join(
        sheets.select("indicator_code", *SHEET, is_known=pl.lit(True)), on="indicator_code", how="left",
        maintain_order="left",
    )  # fmt: skip
    of_whom = pl.when(c("indicator_code").str.contains(":")).then(c("indicator_code").str.split(":").list.first())
    is_theirs = (of_whom == c("territory_code")).fill_null(True)
    is_founded = c("territory_code").is_in(_list_founded(catalogue))
    facts = facts.with_columns(
        is_known=c("is_known").fill_null(False) & is_theirs,
        is_founded=is_founded,
        is_start_secret=c("is_start_kept") & c("indicator_code").is_in(list_fiscal(catalogue)).fill_null(False),
        lowest=c("valid_min").fill_null(float("-inf")),
        highest=c("valid_max").fill_null(float("inf")),
        goal_lines=_lines_that_disagree(),
        ref_end=_ends_of(facts["ref_period"]),
        due_end=_ends_of(facts["due_period"]),
        ref_frequency=_frequencies_of(facts["ref_period"]),
        is_attached=_are_attached(facts, catalogue),
    )
    parts = catalogue.categories.select("dimension", "category", is_category=pl.lit(True))
    is_total = (c("dimension") == "total") & c("category").is_null()
    facts = facts.join(parts, on=["dimension", "category"], how="left", maintain_order="left")
    dimensions = [*catalogue.categories["dimension"].unique(), "total"]
    return facts.with_columns(
        is_dimension=c("dimension").is_in(dimensions), is_category=c("is_category").fill_null(False) | is_total
    )


def list_fiscal(catalogue: Catalogue) -> list[str]:
    """The indicators of a fiscal source: their starting points are not for the territory that has them."""
    return catalogue.indicators.filter(source_kind="fiscal")["indicator_code"].unique().to_list()


GATHER: dict[str, Callable[[pl.DataFrame, Catalogue], pl.DataFrame]] = {
    ACTIONS.code: _of_actions,
    MILESTONES.code: _of_milestones,
    EVENTS.code: _of_events,
    LOCAL_INDICATORS.code: _of_local_indicators,
    TARGETS.code: _of_targets,
}


def _codes_of(rows: pl.DataFrame, name: str) -> dict[str, list[str]]:
    """The codes that each territory has."""
    return dict(rows.group_by("territory_code").agg(c(name).unique().sort()).iter_rows())


def _find_lost(facts: pl.DataFrame, column: str, known: dict[str, list[str]]) -> pl.DataFrame:
    """`<column>_lost`: the codes of a cell that its territory has not, which stand as found from here on; and
    `<column>_known`, those it has. Of a territory that the sender may not send for, nothing of either."""
    rows = list(facts.select("territory_code", "is_own_territory", column).iter_rows())
    lost = [_join_lost(cell, known.get(territory) or []) if is_own else None for territory, is_own, cell in rows]
    there = [", ".join((known.get(one) or [])[:CODES_NAMED] if is_own else []) or "–" for one, is_own, _ in rows]
    return facts.with_columns(
        pl.Series(f"{column}_lost", lost, pl.String), pl.Series(f"{column}_known", there, pl.String)
    ).with_columns(c(f"{column}_lost").fill_null(c(f"{column}_found")).alias(f"{column}_found"))


def _join_lost(cell: str | None, known: Iterable[str]) -> str | None:
    return ", ".join(code for code in (cell or "").split("|") if code and code not in known) or None


def _list_founded(catalogue: Catalogue) -> list[str]:
    """The territories that have a vision and a priority challenge: what a goal is of."""
    priority = catalogue.territory_challenges.filter(c("is_priority") & c("valid_to").is_null())
    return catalogue.visions.join(priority, on="territory_code", how="semi")["territory_code"].unique().to_list()


def _lines_that_disagree() -> pl.Expr:
    """The lines of a goal that do not say the same of it."""
    goal = ("territory_code", "goal_code")
    several = pl.any_horizontal(c(name).n_unique().over(goal) > 1 for name in OF_THE_GOAL)
    return pl.when(several).then(c("source_row").cast(pl.String).str.join(", ").over(goal))


def _ends_of(codes: pl.Series) -> pl.Series:
    return pl.Series([parse_period(code).end if code else None for code in codes], dtype=pl.Date)


def _frequencies_of(codes: pl.Series) -> pl.Series:
    return pl.Series([parse_period(code).frequency if code else None for code in codes], dtype=pl.String)


def _are_attached(facts: pl.DataFrame, catalogue: Catalogue) -> pl.Series:
    """Whether the quartier is of the territory today."""
    today = facts["today"][0] if len(facts) else date.max
    there = catalogue.territory_quartiers.filter(c("valid_to").is_null() | (c("valid_to") >= today))
    known = set(there.select("territory_code", "qpv_code").iter_rows())
    return pl.Series([place in known for place in facts.select("territory_code", "qpv_code").iter_rows()])
