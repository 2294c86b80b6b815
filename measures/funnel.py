"""The funnel: how far a proportion of so many may lie from that of all together by chance alone."""

from __future__ import annotations

import polars as pl

from measures.intervals import Z

c = pl.col
FEWEST_TERRITORIES = 10
Z_998 = 3.090232306167813


def funnel_limits(compared: pl.DataFrame) -> pl.DataFrame:
    """The rows of `compare_territories`, in their order, with the limits of a funnel at each one's denominator.

    Added, as shares (0-1): overall_share (sum of the numerators / sum of the denominators of those who stand on the
    chart), low_95, high_95, low_998, high_998. `funnel`: inside, above or below the limits of 99.8 %; with ordinary
    chance alone, one territory of 500 would be outside. It says where to look, neither good nor bad, and gives no
    rank. Null for who is left out or has no proportion (unit percent with an interval, a numerator and a denominator
    above 0 that holds it), and for all below ten territories.

    Normal limits p0 ± z sqrt(p0 (1 - p0) / n), cut at 0 and 1; no allowance for overdispersion. Source: Spiegelhalter
    2005, Funnel plots for comparing institutional performance, Statistics in Medicine 24:1185-1202.
    """
    is_share = (c("unit") == "percent") & c("has_interval") & (c("denominator") > 0)
    stands = (c("left_out").is_null() & is_share & c("numerator").is_between(0, c("denominator"))).fill_null(False)
    numerator, n = (pl.when(stands).then(name) for name in ("numerator", "denominator"))
    overall = pl.when(stands & (stands.sum() >= FEWEST_TERRITORIES)).then(numerator.sum() / n.sum())
    error = (c("overall_share") * (1 - c("overall_share")) / n).sqrt()
    limits = {
        f"{side}_{name}": (c("overall_share") + sign * z * error).clip(0, 1)
        for name, z in (("95", Z), ("998", Z_998))
        for side, sign in (("low", -1), ("high", 1))
    }
    share = numerator / n
    funnel = (
        pl.when(share > c("high_998"))
        .then(pl.lit("above"))
        .when(share < c("low_998"))
        .then(pl.lit("below"))
        .when(c("high_998").is_not_null())
        .then(pl.lit("inside"))
    )
    return compared.with_columns(overall_share=overall).with_columns(**limits).with_columns(funnel=funnel)
