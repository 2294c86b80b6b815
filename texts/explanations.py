"""« Comment c'est calculé »: every interval, way, state and signal again, as its formula with the numbers in it."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from datetime import date

from schemas.words import FEWEST_FOR_PERCENT, Display, State
from texts import sentences as say
from texts.words import Words

Row = Mapping[str, object]
Z_SQUARED = 1.959963984540054**2
ORDER_OF_STATES = tuple(State)
MONTHS_OF_YEAR = 12
OF_A_BAND = (State.REACHED, State.DECLINED, State.NO_READABLE_CHANGE)


def explain(words: Words, row: Row, second_look: Row | None = None, targets: Sequence[Row] = ()) -> list[str]:
    """A row of `measure_progress` with `project_landing`: one sentence a step, in the order in which they are taken.

    `second_look`: what signals, trend and growth say of the series (`measures.second_look`). `targets`: the versions
    of the target, in time.
    """
    if row["value"] is None:
        return [words("how.nothing")]
    sentences = _explain_share(words, row)
    shows_rates = row["display"] != Display.COUNTS_ONLY
    if shows_rates:
        sentences += _explain_interval(words, row)
    if shows_rates and not row["has_break"] and not _starts_with_few(row):
        sentences += _explain_change(words, row)
        sentences += _explain_way(words, row)
        sentences += _explain_landing(words, row)
    sentences += _explain_state(words, row)
    sentences += _explain_targets(words, row, targets)
    if shows_rates and second_look is not None:
        sentences += _explain_signals(words, row, second_look)
        sentences += _explain_second_opinions(words, second_look)
    return [*sentences, words("how.display")]


def _starts_with_few(row: Row) -> bool:
    """A baseline of under 30 is shown as counts: no formula with a percentage of it."""
    return bool(
        row["has_interval"]
        and row["ref_denominator"] is not None
        and _number(row, "ref_denominator") < FEWEST_FOR_PERCENT
    )


def _explain_share(words: Words, row: Row) -> list[str]:
    if row["denominator"] is None:
        return []
    parts = {name: words.number(_number(row, name)) for name in ("numerator", "denominator")}
    if row["display"] == Display.COUNTS_ONLY:
        return [words("how.counts", **parts)]
    return [words("how.share", **parts, value=say.say_figure(words, row))]


def _explain_interval(words: Words, row: Row) -> list[str]:
    shown = say.say_range(words, row)
    if not shown:
        return []
    unit, is_survey = row["unit"], row["collection_method"] == "survey"
    said = [words("how.survey" if is_survey else "how.chance")]
    count = _number(row, "value" if unit == "count" else "numerator")
    if unit != "percent":
        ends = {"x": words.number(count), "lower": words.number(2 * count), "upper": words.number(2 * count + 2)}
        n = "" if unit == "count" else words.number(_number(row, "denominator"))
        return [words(f"how.garwood.{unit}", **ends, n=n, range=shown), *said]
    total, worth = _number(row, "denominator"), _number(row, "effective_n")
    if worth != total:
        said.insert(0, words("how.population", population=words.number(_number(row, "population"))))
    x, n = (words.number(part, 0 if worth == total else 1) for part in (count * worth / total, worth))
    return [words("how.wilson", x=x, n=n, z=words.number(Z_SQUARED, 2), range=shown), *said]


def _explain_change(words: Words, row: Row) -> list[str]:
    if row["change_low"] is None or row["ref_value"] is None or row["ref_period"] == row["period"]:
        return []
    low, high = _number(row, "change_low"), _number(row, "change_high")
    if not row["is_rising"]:
        low, high = -high, -low
    both = {"value": _precise(words, row, "value"), "start": _precise(words, row, "ref_value")}
    value, start = _number(row, "value"), _number(row, "ref_value")
    if row["change_is_ratio"]:
        if start == 0 or not math.isfinite(low + high):
            return []
        ends = {"low": words.number(math.exp(low), 2), "high": words.number(math.exp(high), 2)}
        return [words("how.ratio", **both, **ends, ratio=words.number(value / start, 2))]
    method = "how.newcombe" if row["unit"] == "percent" and row["ref_denominator"] is not None else "how.point"
    unit = "points" if row["unit"] == "percent" else str(row["unit"])
    ends = {"low": words.signed(low, 1), "high": words(f"unit.{unit}", number=words.signed(high, 1))}
    return [words(method, **both, **ends, change=words(f"unit.{unit}", number=words.signed(value - start, 1)))]


def _explain_way(words: Words, row: Row) -> list[str]:
    sentences = []
    shown = {
        "start": _precise(words, row, "ref_value"),
        "target": say.say_target(words, row),
        "value": _precise(words, row, "value"),
        "expected": _precise(words, row, "expected"),
        "due": words.due(str(row["due_period"])) if row["due_period"] else "",
        "period": words.period(str(row["period"])),
    }
    if row["expected"] is not None and (row["shape"] == "stepped" or _number(row, "due_at") > _number(row, "ref_at")):
        months = {}
        if row["shape"] != "stepped":
            span = _number(row, "due_at") - _number(row, "ref_at")
            elapsed = min(_number(row, "at") - _number(row, "ref_at"), span)
            months = {"elapsed": words.number(elapsed), "span": words.number(span)}
        sentences.append(words(f"how.{row['shape']}", **shown, **months))
    if row["attainment"] is not None:
        unbounded = words.in_unit(_number(row, "attainment_unbounded"), "percent")
        bounded = words.in_unit(_number(row, "attainment"), "percent")
        sentences.append(words("how.attainment", **shown, unbounded=unbounded))
        if unbounded != bounded:
            sentences.append(words("how.bounded", attainment=bounded))
    if row["pace"] is not None:
        sentences.append(words("how.pace", **shown, pace=words.number(_number(row, "pace"), 2)))
    if row.get("needed_rate") is not None:
        sentences.append(_say_needed(words, row, shown))
    return sentences


def _say_needed(words: Words, row: Row, shown: dict[str, str]) -> str:
    needed = _number(row, "needed_rate")
    decimals = 1 if abs(needed) < 10 else 0
    rounded = abs(round(needed, decimals))
    if rounded == 0:
        return words("how.needed_little", **shown)
    rate = words.signed(needed, decimals)
    if row["unit"] != "percent":
        return words("how.needed", **shown, rate=rate)
    is_one = rounded < 2 if words.language == "fr" else rounded == 1
    return words.plural("how.needed.points", 1 if is_one else 2, **shown, rate=rate)


def _explain_landing(words: Words, row: Row) -> list[str]:
    if row.get("landing_value") is None:
        return []
    unit = str(row["unit"])
    sentences = [
        words(
            "how.landing",
            due=words.due(str(row["due_period"])),
            landing=words.in_unit(_number(row, "landing_value"), unit),
            between=words.between(_number(row, "landing_low"), _number(row, "landing_high"), unit, 0, "range.and"),
        )
    ]
    when = {name: row[f"landing_{name}"] for name in ("at", "first_at", "last_at")}
    if when["at"] is not None and when["first_at"] is not None:
        said = {name: words.period(_quarter_of(at)) for name, at in when.items() if at is not None}
        sentences.append(words("how.landing_at" if "last_at" in said else "how.landing_open", **said))
    return sentences


def _explain_state(words: Words, row: Row) -> list[str]:
    if row["state"] is None:
        return [words("how.no_state")]
    state = State(str(row["state"]))
    margin = _number(row, "materiality") if row["materiality"] is not None else 0.0
    rule = words(
        f"how.rule.{_rule_of(row, state)}",
        low=say.say_value(words, row, "low"),
        high=say.say_value(words, row, "high"),
        value=say.say_figure(words, row),
        target=say.say_target(words, row),
        expected=say.say_value(words, row, "expected"),
        margin=words.number(margin, 0 if margin.is_integer() else 1),
        same="1" if row["change_is_ratio"] else "0",
        n=words.number(_number(row, "n")) if row["n"] is not None else "",
        period=words.period(str(row["period"])) if row["period"] else "",
    )
    return [words("how.state", number=ORDER_OF_STATES.index(state) + 1, state=say.say_state(words, row), rule=rule)]


def _rule_of(row: Row, state: State) -> str:
    if row["kind"] == "maintain_band" and state in OF_A_BAND:
        return f"{state}.band"
    if state is State.NO_READABLE_CHANGE and row["change_low"] is None:
        return f"{state}.no_start"
    if state is State.PROGRESSING and row["expected"] is None:
        return f"{state}.no_way"
    if state is State.TOO_FEW and (row["is_masked"] or row["is_ref_masked"]):
        return f"{state}.secret"
    return str(state)


def _explain_targets(words: Words, row: Row, targets: Sequence[Row]) -> list[str]:
    if len(targets) < 2:
        return []
    said = []
    for one in targets:
        target = say.say_target(words, {**row, **one})
        due = words.due(str(one["due_period"])) if target and one["due_period"] else ""
        day = words.day(date.fromisoformat(str(one["decided_on"])))
        shown = " ".join(part for part in (target, due) if part)
        said.append(words("how.target", target=shown, day=day) if target else words("how.target_none", day=day))
    return [words("how.targets", targets=", ".join(said))]


def _explain_signals(words: Words, row: Row, look: Row) -> list[str]:
    moves = int(_number(look, "moves_in_a_row"))
    way = "up" if moves > 0 else "down"
    sentences = [words(f"how.in_a_row.{way}", n=abs(moves))] if abs(moves) > 1 else []
    if look["limits_are"] in (None, "none"):
        return [*sentences, words("how.xmr_none")]
    if look["denominators_vary"]:
        return [*sentences, words("how.xmr_varies")]
    basis = str(look["xmr_basis"])
    in_points = basis == "year_difference" and row["unit"] == "percent"
    unit, decimals = "points" if in_points else str(row["unit"]), 1
    signal = words(f"signal.{look['signal']}.{look['signal_direction']}") if look["signal"] else words("signal.none")
    together = words("signal.together", signal=signal) if look["signal"] else signal
    limits = words(
        f"how.xmr.{basis}",
        centre=words.in_unit(_number(look, "centre"), unit, decimals),
        limits=words.between(_number(look, "lower_limit"), _number(look, "upper_limit"), unit, decimals),
        n=words.number(_number(look, "xmr_points")),
        firmness=words(f"limits.{look['limits_are']}"),
        signal=together,
    )
    return [*sentences, limits]


def _explain_second_opinions(words: Words, look: Row) -> list[str]:
    sentences = []
    if look["trend"] == "cannot_be_calculated":
        sentences.append(words("how.trend_none"))
    else:
        meaning = words(f"trend.{look['trend_meaning']}") if look["trend_meaning"] else ""
        chi2 = words.number(_number(look, "trend_chi2"), 1)
        sentences.append(words("how.trend", chi2=chi2, trend=words(f"trend.{look['trend']}"), meaning=meaning))
    if look["growth_status"] != "not_available":
        ratio = look["growth_ratio"]
        sentences.append(
            words(
                "how.growth",
                status=words(f"growth.{look['growth_status']}"),
                ratio=words.number(_number(look, "growth_ratio"), 2) if ratio is not None else words("growth.no_ratio"),
            )
        )
    return sentences


def _quarter_of(month: object) -> str:
    """The quarter in which a month (since year 0) lies."""
    year, of_year = divmod(int(str(month)) - 1, MONTHS_OF_YEAR)
    return f"{year}-Q{of_year // 3 + 1}"


def _precise(words: Words, row: Row, name: str) -> str:
    """A figure in a formula: one decimal more than on screens, so that the formula gives its result."""
    if row[name] is None:
        return ""
    value = _number(row, name)
    decimals = 0 if value.is_integer() else int(str(row["shown_decimals"])) + 1
    return words.in_unit(value, str(row["unit"]), decimals)


def _number(row: Row, name: str) -> float:
    return float(str(row[name]))
