"""« Comment c'est calculé »: every interval, way, state and signal again, as its formula with the numbers in it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from schemas.words import Display, State
from texts import sentences as say
from texts.words import Words

Row = Mapping[str, object]
Z_SQUARED = 1.959963984540054**2
ORDER_OF_STATES = tuple(State)
MOST_MONTHS = 12


def explain(words: Words, row: Row, second_look: Row | None = None, targets: Sequence[Row] = ()) -> list[str]:
    """A row of `measure_progress` with `project_landing`: one sentence a step, in the order in which they are taken.

    `second_look`: what signals, trend and growth say of the series (`measures.second_look`). `targets`: the versions
    of the target, in time.
    """
    if row["value"] is None:
        return [words("how.nothing")]
    sentences = _explain_share(words, row)
    if row["display"] != Display.COUNTS_ONLY:
        sentences += _explain_interval(words, row)
        sentences += _explain_change(words, row)
        sentences += _explain_way(words, row)
        sentences += _explain_landing(words, row)
    sentences += _explain_state(words, row)
    sentences += _explain_targets(words, row, targets)
    if row["display"] != Display.COUNTS_ONLY and second_look is not None:
        sentences += _explain_signals(words, row, second_look)
        sentences += _explain_second_opinions(words, second_look)
    return [*sentences, words("how.display")]


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
    unit, survey = row["unit"], row["collection_method"] == "survey"
    count = words.number(_number(row, "value" if unit == "count" else "numerator"))
    if unit == "percent":
        formula = words(
            "how.wilson",
            x=count,
            n=words.number(_number(row, "denominator")),
            z=words.number(Z_SQUARED, 2),
            range=shown,
        )
    else:
        twice = 2 * _number(row, "value" if unit == "count" else "numerator")
        formula = words("how.garwood", x=count, lower=words.number(twice), upper=words.number(twice + 2), range=shown)
    sentences = [formula, words("how.survey" if survey else "how.chance")]
    if row.get("population") is not None and _number(row, "denominator") > 0.1 * _number(row, "population"):
        sentences.append(words("how.population", population=words.number(_number(row, "population"))))
    return sentences


def _explain_change(words: Words, row: Row) -> list[str]:
    if row["change_low"] is None or row["ref_value"] is None or row["ref_period"] == row["period"]:
        return []
    low, high = _number(row, "change_low"), _number(row, "change_high")
    if not row["is_rising"]:
        low, high = -high, -low
    both = {"value": say.say_value(words, row, "value"), "start": say.say_start(words, row)}
    if row["unit"] == "percent":
        method = "how.newcombe" if row["ref_denominator"] is not None else "how.point"
        ends = {"low": words.signed(low, 1), "high": words.signed(high, 1)}
        return [
            words(method, **both, **ends, change=words.signed(_number(row, "value") - _number(row, "ref_value"), 1))
        ]
    if row["unit"] not in ("count", "per_100") or _number(row, "ref_value") == 0 or abs(low) > 20 or abs(high) > 20:
        return []
    ends = {"low": words.number(_exp(low), 2), "high": words.number(_exp(high), 2)}
    return [
        words("how.ratio", **both, **ends, ratio=words.number(_number(row, "value") / _number(row, "ref_value"), 2))
    ]


def _explain_way(words: Words, row: Row) -> list[str]:
    sentences = []
    shown = {
        "start": say.say_start(words, row),
        "target": say.say_target(words, row),
        "value": say.say_value(words, row, "value"),
        "expected": say.say_value(words, row, "expected"),
        "due": words.due(str(row["due_period"])) if row["due_period"] else "",
    }
    if row["expected"] is not None:
        months = {}
        if row["ref_at"] is not None and row["due_at"] is not None:
            elapsed, span = _number(row, "at") - _number(row, "ref_at"), _number(row, "due_at") - _number(row, "ref_at")
            months = {"elapsed": words.number(min(elapsed, span)), "span": words.number(span)}
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
        decimals = 1 if abs(_number(row, "needed_rate")) < 10 else 0
        rate = words.signed(_number(row, "needed_rate"), decimals)
        if row["unit"] == "percent":
            sentences.append(
                words.plural("how.needed.points", int(abs(_number(row, "needed_rate"))), **shown, rate=rate)
            )
        else:
            sentences.append(words("how.needed", **shown, rate=rate))
    return sentences


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
    key = f"how.rule.{state}"
    if row["kind"] == "maintain_band" and state in (State.REACHED, State.DECLINED, State.NO_READABLE_CHANGE):
        key = f"how.rule.{state}.band"
    rule = words(
        key,
        low=say.say_value(words, row, "low"),
        high=say.say_value(words, row, "high"),
        value=say.say_figure(words, row),
        target=say.say_target(words, row),
        expected=say.say_value(words, row, "expected"),
        margin=words.number(_number(row, "materiality"), 0 if _number(row, "materiality").is_integer() else 1)
        if row["materiality"] is not None
        else "",
        n=words.number(_number(row, "n")) if row["n"] is not None else "",
        period=words.period(str(row["period"])) if row["period"] else "",
    )
    return [words("how.state", number=ORDER_OF_STATES.index(state) + 1, state=say.say_state(words, row), rule=rule)]


def _explain_targets(words: Words, row: Row, targets: Sequence[Row]) -> list[str]:
    if len(targets) < 2:
        return []
    said = [
        words("how.target", target=say.say_target(words, {**row, **one}), day=words.day(one["decided_on"]))  # type: ignore[arg-type]
        for one in targets
    ]
    return [words("how.targets", targets=", ".join(said))]


def _explain_signals(words: Words, row: Row, look: Row) -> list[str]:
    moves = int(_number(look, "moves_in_a_row"))
    way = "up" if moves > 0 else "down"
    sentences = [words(f"how.in_a_row.{way}", n=abs(moves))] if abs(moves) > 1 else []
    if look["limits_are"] in (None, "none"):
        return [*sentences, words("how.xmr_none")]
    basis = str(look["xmr_basis"])
    in_points = basis == "year_difference" and row["unit"] == "percent"
    unit, decimals = "points" if in_points else str(row["unit"]), 1
    signal = words(f"signal.{look['signal']}.{look['signal_direction']}") if look["signal"] else words("signal.none")
    return [
        *sentences,
        words(
            f"how.xmr.{basis}",
            centre=words.in_unit(_number(look, "centre"), unit, decimals),
            limits=words.between(_number(look, "lower_limit"), _number(look, "upper_limit"), unit, decimals),
            n=words.number(_number(look, "xmr_points")),
            firmness=words(f"limits.{look['limits_are']}"),
            signal=signal,
        ),
    ]


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
    year, of_year = divmod(int(str(month)) - 1, MOST_MONTHS)
    return f"{year}-Q{of_year // 3 + 1}"


def _exp(x: float) -> float:
    return float(2.718281828459045**x)


def _number(row: Row, name: str) -> float:
    return float(str(row[name]))
