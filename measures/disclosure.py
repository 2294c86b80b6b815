"""Statistical secrecy: which cells an audience may not see. Primary suppression; the secondary one follows from it."""

from __future__ import annotations

import polars as pl

from measures.suppression import suppress_margins
from schemas.observation import KEY
from schemas.words import SECRET_UNITS, Audience, ConfStatus

c = pl.col
SECONDARY = "secondary"
LATER = 2**62
FEWEST_FISCAL = 11


def plan_masks(everything: pl.DataFrame, audience: Audience, earlier_masks: pl.DataFrame) -> pl.DataFrame:
    """The keys to mask for an audience, each with its `reason`: small_count, sensitive, confidential or secondary.

    `everything`: one row a cell of whole tables (all places, dimensions and categories of a territory, indicator and
    period) with its key, numerator, denominator, value, respondents, conf_status, seen_since (the first store version
    whose approved figures were these; null: they come now) and, from the sheet, unit, counted_unit, k_threshold,
    source_kind, is_sensitive. Of two of a key, an observation and a baseline, the first counts in the sums.
    `earlier_masks`: keys with mask_reason and masked_since (store version), of this audience and of those who see
    more: what one hides the other must not give away. A territory sees its own cells, the fiscal ones excepted. A
    cell once masked stays masked: the earlier keys come back with the new ones. A figure that was in sight before it
    was masked hides no other (the attacker remembers it).
    """
    earlier = earlier_masks.unique(KEY, keep="first", maintain_order=True)
    kept = earlier.select(*KEY, reason="mask_reason")
    if audience is Audience.TERRITORY and earlier.is_empty() and "fiscal" not in everything["source_kind"]:
        return kept
    cells = everything.unique(KEY, keep="first", maintain_order=True).sort(KEY)
    marked = cells.join(earlier.select(*KEY, "mask_reason", "masked_since"), on=KEY, how="left", maintain_order="left")
    primary = list_small(everything, audience)
    marked = marked.join(primary, on=KEY, how="left", maintain_order="left")
    first, second = _additive_parts()
    table = marked.select(
        *KEY,
        first_part=first,
        second_part=second,
        k=_threshold(),
        is_masked=c("mask_reason").is_not_null() | c("reason").is_not_null(),
        sums=c("unit").is_in(["percent", "per_100", "count"]),
        is_known=(c("seen_since") < c("masked_since").fill_null(LATER)).fill_null(False),
        is_secret_unit=c("counted_unit").is_in(SECRET_UNITS) & _concerns(audience),
    )
    masked = marked.filter(suppress_margins(table)).select(*KEY, reason=pl.coalesce("reason", pl.lit(SECONDARY)))
    return pl.concat([kept, masked.join(kept, on=KEY, how="anti")])


def list_small(cells: pl.DataFrame, audience: Audience) -> pl.DataFrame:
    """Primary suppression: the keys that are masked for what they are themselves, with their `reason`."""
    found = cells.with_columns(reason=_primary_reason(audience)).filter(c("reason").is_not_null())
    return found.select(*KEY, "reason").unique(KEY, keep="first", maintain_order=True)


def _primary_reason(audience: Audience) -> pl.Expr:
    return (
        pl.when(_is_confidential(audience))
        .then(pl.lit("confidential"))
        .when(_is_small() & _concerns(audience))
        .then(pl.lit("small_count"))
        .when(_discloses_all() & _concerns(audience))
        .then(pl.lit("sensitive"))
    )


def _additive_parts() -> tuple[pl.Expr, pl.Expr]:
    """What of a cell sums over categories and places: numerator and rest of a share, both parts of another ratio, the
    count itself; null for a figure that sums to nothing (a published rate, a median)."""
    numerator, denominator = _numerator(), _denominator()
    has_parts = numerator.is_not_null() & denominator.is_not_null()
    is_share = (c("unit") == "percent") & (denominator >= numerator)
    count = pl.when(c("unit") == "count").then(c("value"))
    first = pl.when(has_parts).then(numerator).otherwise(count)
    second = pl.when(has_parts & is_share).then(denominator - numerator).when(has_parts).then(denominator)
    return pl.when(first >= 0).then(first), pl.when(first >= 0).then(second.otherwise(count))


def _numerator() -> pl.Expr:
    """As sent, or as the rate and its denominator tell it."""
    of = pl.coalesce("denominator", c("respondents").cast(pl.Float64))
    told = pl.when(c("unit") == "percent").then(c("value") * of / 100)
    return pl.coalesce("numerator", told.round(6))


def _denominator() -> pl.Expr:
    """As sent, or as the rate and its numerator tell it, or the number of those who answered."""
    told = pl.when((c("unit") == "percent") & (c("value") > 0)).then(100 * c("numerator") / c("value"))
    return pl.coalesce("denominator", told.round(6), c("respondents").cast(pl.Float64))


def _is_confidential(audience: Audience) -> pl.Expr:
    hidden = {
        Audience.PUBLIC: [ConfStatus.SECRET.value, ConfStatus.INTERNAL.value],
        Audience.NATIONAL: [ConfStatus.SECRET.value],
        Audience.TERRITORY: [],
    }[audience]
    return c("conf_status").is_in(hidden)


def _concerns(audience: Audience) -> pl.Expr:
    return c("source_kind") == "fiscal" if audience is Audience.TERRITORY else pl.lit(True)


def _threshold() -> pl.Expr:
    return (
        pl.when(c("source_kind") == "fiscal")
        .then(pl.max_horizontal("k_threshold", pl.lit(FEWEST_FISCAL)))
        .otherwise(c("k_threshold"))
    )


def _is_small() -> pl.Expr:
    k = _threshold()
    numerator, denominator = _numerator(), _denominator()
    rest = denominator - numerator
    count = pl.when(c("unit") == "count").then(c("value"))
    small = [
        (numerator > 0) & (numerator < k),
        (rest > 0) & (rest < k),
        denominator < k,
        c("respondents") < k,
        (count > 0) & (count < k),
    ]
    return pl.any_horizontal(test.fill_null(False) for test in small) & c("counted_unit").is_in(SECRET_UNITS)


def _discloses_all() -> pl.Expr:
    """0 % or 100 % of a sensitive matter says it of each person."""
    numerator, denominator, value = c("numerator"), c("denominator"), c("value")
    by_parts = ((numerator == 0) | (numerator == denominator)).fill_null(False)
    by_rate = ((c("unit") == "percent") & value.is_in([0.0, 100.0])).fill_null(False)
    return c("is_sensitive") & c("counted_unit").is_in(SECRET_UNITS) & (by_parts | by_rate)
