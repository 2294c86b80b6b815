"""A goal's figures in words and rows: the answer, the table, corrections, the sheet, how it is computed, breakdowns."""

from __future__ import annotations

import polars as pl

from measures.display import choose_decimals, choose_display
from measures.intervals import wilson
from measures.landing import project_landing
from measures.second_look import look_again
from pages.parts.pickers import Goal
from pages.parts.reading import Row, latest_of, nothing_yet, say_age, say_later_gap, with_nouns
from pages.parts.world import World
from schemas.words import Display, ObsStatus
from texts import Words
from texts import sentences as say
from texts.explanations import explain

LINES_SHOWN = 16
SIGN_OF_STATUS = {
    ObsStatus.NOT_COLLECTED: "sign.not_collected",
    ObsStatus.NOT_APPLICABLE: "sign.not_applicable",
}


def list_answer(world: World, rows: list[Row], sheet: Row) -> Row:
    """The first sentence of a goal: value, n, start, state, why."""
    words = world.words
    rows = with_nouns(rows, sheet)
    row = latest_of(rows) or nothing_yet(sheet)
    counts = ""
    if row["denominator"] is not None and row["display"] not in (Display.COUNTS_ONLY, Display.MASKED):
        counts = words(
            "counts_of",
            numerator=words.number(row["numerator"]),
            denominator=words.number(row["denominator"]),
            nouns=words.of(sheet, "unit_noun"),
        )
    has_start = row["ref_value"] is not None and row["value"] is not None and row["ref_period"] != row["period"]
    age = " ".join(part for part in (say_age(world, row), say_later_gap(words, rows)) if part)
    return {
        "row": row,
        "counts": counts,
        "start": say.say_start(words, row) if has_start else "",
        "reason": say.say_reason(words, row),
        "age": age,
    }


def list_figures(world: World, rows: list[Row], sheet: Row) -> Row:
    """The chart's figures as a table, latest first: every period that came, with its sign where it has no number."""
    words = world.words
    rows = [row for row in rows if row["period"]]
    has_parts = any(row["denominator"] is not None for row in rows)
    has_range = any(say.say_range(words, row) for row in rows)
    has_way = any(row["expected"] is not None for row in rows)
    parts = [words.of(sheet, "numerator_noun"), words.of(sheet, "denominator_noun")] if has_parts else []
    value = words("figures.share") if has_parts else words.of(sheet, "numerator_noun")
    headings = [words("figures.period"), *parts, value]
    headings += [words("figures.range")] * has_range + [words("figures.expected")] * has_way
    headings += [words("figures.status")]
    lines = []
    for row in reversed(rows):
        cells = [words.period(row["period"])]
        if has_parts:
            cells += [_part(words, row, "numerator"), _part(words, row, "denominator")]
        cells.append(_figure_or_sign(words, row))
        cells += [say.say_range(words, row)] * has_range + [say.say_value(words, row, "expected")] * has_way
        cells.append("" if row["obs_status"] == ObsStatus.NORMAL else words(f"status.{row['obs_status']}"))
        lines.append(cells)
    has_remarks = any(line[-1] for line in lines)
    if not has_remarks:
        headings, lines = headings[:-1], [line[:-1] for line in lines]
    signs = words("figures.signs") if any(row["value"] is None for row in rows) else ""
    first, earlier = lines[:LINES_SHOWN], lines[LINES_SHOWN:]
    return {"headings": headings, "lines": first, "earlier": earlier, "signs": signs, "has_remarks": has_remarks}


def pick_revisions(rows: list[Row], revisions: pl.DataFrame, goal: Goal, sheet: Row) -> list[Row]:
    """The earlier values of the periods shown, of this goal's total, that may be seen, and how far."""
    shown = [row["period"] for row in rows if row["period"]]
    of_total = (pl.col("qpv_code") == goal.quartier) & (pl.col("dimension") == "total") & ~pl.col("is_masked")
    return as_shown(revisions.filter(of_total & pl.col("period").is_in(shown)), sheet).to_dicts()


def list_corrections(world: World, earlier: list[Row], sheet: Row) -> list[str]:
    """« T1 2026 : 31 % (44 sur 142) jusqu’au 18 juin 2026, corrigé par ... : deux dossiers comptés deux fois »."""
    words = world.words
    said = []
    for row in reversed(with_nouns(earlier, sheet)):
        sentence = words(
            "goal.correction",
            period=words.period(row["period"]),
            value=say_with_counts(words, row),
            day=words.day(row["revised_at"].astimezone(world.now.tzinfo).date()),
            by=world.name_account(row["revised_by"]),
        )
        said.append(f"{sentence}{words('colon')}{row['revised_reason']}" if row["revised_reason"] else f"{sentence}.")
    return said


def say_with_counts(words: Words, row: Row) -> str:
    """« 66 % (119 sur 180) »."""
    shown = say.say_figure(words, row)
    if row["denominator"] is None or row["display"] in (Display.COUNTS_ONLY, Display.NO_VALUE):
        return shown
    counts = words("counts", numerator=words.number(row["numerator"]), denominator=words.number(row["denominator"]))
    return words("deposit.share_of", share=shown, counts=counts)


def _part(words: Words, row: Row, name: str) -> str:
    if row["is_masked"]:
        return words("sign.secret")
    return "" if row[name] is None else words.number(row[name])


def _figure_or_sign(words: Words, row: Row) -> str:
    if row["value"] is None and not row["is_masked"] and row["obs_status"] in SIGN_OF_STATUS:
        return words(SIGN_OF_STATUS[row["obs_status"]])
    if row["display"] == Display.COUNTS_ONLY:
        return words("figures.counts_only")
    return say.say_figure(words, row)


def list_sheet(world: World, progress: pl.DataFrame, sheet: Row, targets: list[Row]) -> Row:
    """The indicator's sheet and how this figure was computed; `targets`: the versions of its target."""
    words = world.words
    rows = project_landing(progress).to_dicts()
    row = latest_of(rows) or nothing_yet(sheet)
    looks = look_again(progress, bool(sheet["is_seasonal"])).to_dicts()
    facts = [
        (words(f"sheet.{name}"), words.of(sheet, name)) for name in ("label", "definition", "numerator", "denominator")
    ]
    facts += [
        (words("sheet.population"), words.of(sheet, "reference_population")),
        (words("sheet.source"), words.of(sheet, "source")),
        (
            words("sheet.frequency"),
            words(
                "sheet.rhythm",
                frequency=words(f"frequency.{sheet['frequency']}"),
                delay=words.plural("sheet.delay", int(sheet["delay_months"])),
            ),
        ),
        (words("sheet.polarity"), words(f"polarity.{sheet['polarity']}")),
        (words("sheet.limits"), words.of(sheet, "limits")),
        (words("sheet.code"), words("sheet.version", code=sheet["indicator_code"], version=sheet["version"])),
    ]
    return {"facts": facts, "how": explain(words, row, looks[0] if looks else None, targets)}


def list_targets(world: World, territory: str, goal: Goal) -> list[Row]:
    """The versions of a goal's target, in the order of their decisions."""
    versions = world.catalogue.targets.filter(
        (pl.col("territory_code") == territory)
        & pl.col("goal_code").eq_missing(pl.lit(goal.code, pl.String))
        & (pl.col("indicator_code") == goal.indicator)
        & (pl.col("qpv_code") == goal.quartier)
        & (pl.col("dimension") == "total")
    )
    named = ("kind", "target_value", "band_low", "band_high", "due_period", "decided_on")
    return versions.sort("target_version").select(named).to_dicts()


def list_actions(world: World, territory: str, goal: Goal) -> list[Row]:
    """The actions that say they serve this goal, with the name of who leads them."""
    mine = pl.col("territory_code") == territory
    actions = world.catalogue.actions.filter(
        mine & pl.col("goal_codes").fill_null("").str.split("|").list.contains(goal.code or "-")
    )
    partners = world.catalogue.partners.filter(mine).select("partner_code", lead="name")
    joined = actions.join(partners, left_on="lead_partner_code", right_on="partner_code", how="left")
    return joined.sort("starts_on", "action_code", nulls_last=True).to_dicts()


def list_breakdowns(world: World, rows: pl.DataFrame, sheet: Row) -> list[tuple[str, Row]]:
    """The latest figure of each category, under the same display rules as totals."""
    if rows.is_empty():
        return []
    latest = rows.filter(pl.col("period_start") == pl.col("period_start").max().over("dimension", "category"))
    labelled = as_shown(latest, sheet).join(world.catalogue.categories, on=["dimension", "category"], how="left")
    measured = labelled.sort("dimension", "rank")
    return [(world.words.of(row, "label"), row) for row in measured.to_dicts()]


def as_shown(rows: pl.DataFrame, sheet: Row) -> pl.DataFrame:
    """Figures under the same display rules as those of a goal: their range, how much of them may be shown."""
    columns = [pl.lit(sheet[name]).alias(name) for name in ("unit", "decimals", "has_interval", "collection_method")]
    low, high = wilson(pl.col("numerator"), pl.col("denominator"))
    share = sheet["unit"] == "percent" and sheet["has_interval"]
    ends = {"low": 100 * low, "high": 100 * high} if share else dict.fromkeys(("low", "high"), pl.lit(None, pl.Float64))
    shown = rows.with_columns(columns).with_columns(**ends).with_columns(display=choose_display())
    return shown.with_columns(shown_decimals=choose_decimals(pl.col("display")))
