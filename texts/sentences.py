"""Sentences made of data: what is wrong with a file, what a figure is, why it stands where it stands."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date

from schemas.account import COMMAND_LINE
from schemas.issue import Code, Issue, Issues, UnreadableFile
from schemas.reading import Aside, Reading
from schemas.words import FAMILY_OF_STATE, FEWEST_FOR_PERCENT, Display, Family, Role, State
from texts.words import Words

SHAPE_OF_FAMILY = {Family.REACHED: "▲", Family.AHEAD: "△", Family.BEHIND: "▼", Family.CANNOT_SAY: "○"}
RANGES_SAID = 12
DAY = re.compile(r"\d{4}-\d\d-\d\d")
OF_COMPUTED_NUMBERS = (Code.PARTS_DO_NOT_SUM, Code.UNUSUAL_CHANGE, Code.DENOMINATOR_JUMP, Code.WEAK_SURVEY)
Row = Mapping[str, object]


def say_issue(words: Words, issue: Issue) -> str:
    """Where, what, why and how to repair, in one or two sentences."""
    return _begin(f"{say_place(words, issue)}{say_cause(words, issue)}")


def say_each(words: Words, issues: Issues) -> list[str]:
    """The sentence of each issue, in their order; what is wrong in the same way on many lines is worded once."""
    same = [name for name in issues.frame.columns if name != "row"]
    groups = issues.frame.with_row_index("at").group_by(same, maintain_order=True).agg("row", "at")
    sentences = [""] * len(issues)
    places = zip(groups["at"].to_list(), groups["row"].to_list(), strict=True)
    for (at, rows), issue in zip(places, Issues(groups.drop("at", "row")), strict=True):
        cause = say_cause(words, issue)
        for index, row in zip(at, rows, strict=True):
            sentences[index] = _begin(f"{_say_place(words, row, issue.column, issue.context)}{cause}")
    return sentences


def _begin(sentence: str) -> str:
    return sentence[0].upper() + sentence[1:]


def say_place(words: Words, issue: Issue) -> str:
    return _say_place(words, issue.row, issue.column, issue.context)


def _say_place(words: Words, row: int | None, column: str | None, context: Mapping[str, str]) -> str:
    if "place" in context:
        return words(f"place.{context['place']}")
    if "field" in context:
        return words("place.field", field=column)
    if "sheet" in context:
        return words("place.sheet" if row is None else "place.sheet_row", sheet=context["sheet"], row=row)
    if row is None and column is None:
        return ""
    if row is None:
        return words("place.column", column=column)
    if column is None:
        return words("place.row", row=row)
    return words("place.cell", row=row, column=column)


def say_cause(words: Words, issue: Issue) -> str:
    values = {**issue.context, "found": issue.found or ""}
    computed = ("found", "before", "sum", "low", "high") if issue.code in OF_COMPUTED_NUMBERS else ()
    said = {name: _readable(words, name, value) for name, value in values.items() if name not in computed}
    said |= {name: _number(words, values[name]) for name in computed if name in values}
    if issue.code is Code.CHANGES_APPROVED:
        said |= {name: _say_approved(words, values[name]) for name in ("found", "before")}
    return words(_cause_key(issue), **said)


def _say_approved(words: Words, value: str) -> str:
    """« 38/142 », « 14,5 », or what a status says."""
    parts = value.split("/")
    if all(re.fullmatch(r"-?\d+(\.\d+)?", part) for part in parts):
        return "/".join(words.number(float(part), len(part.partition(".")[2])) for part in parts)
    return words(f"status.{value}")


def list_causes(words: Words, issues: Issues) -> list[str]:
    """One sentence a cause, with every line that it concerns: « Lignes 3, 5 à 9, colonne ... »."""
    same = [name for name in issues.frame.columns if name != "row"]
    groups = issues.frame.group_by(same, maintain_order=True).agg("row")
    met: dict[tuple[str | None, ...], tuple[Issue, list[int]]] = {}
    for rows, issue in zip(groups["row"].to_list(), Issues(groups.drop("row")), strict=True):
        key = (say_cause(words, issue), issue.column, issue.context.get("sheet"), issue.context.get("place"))
        met.setdefault(key, (issue, []))[1].extend(row for row in rows if row is not None)
    sentences = []
    for (cause, *_), (issue, lines) in met.items():
        place = say_lines_of(words, issue, lines) if len(lines) > 1 else say_place(words, _at(issue, lines))
        sentences.append(_begin(f"{place}{cause}"))
    return sentences


def _at(issue: Issue, lines: list[int]) -> Issue:
    return replace(issue, row=lines[0] if lines else None)


def say_lines_of(words: Words, issue: Issue, lines: list[int]) -> str:
    rows = say_lines(words, lines)
    if "sheet" in issue.context:
        return words("place.sheet_rows", sheet=issue.context["sheet"], rows=rows)
    return words("place.cells", rows=rows, column=issue.column) if issue.column else words("place.rows", rows=rows)


def say_lines(words: Words, lines: Sequence[int]) -> str:
    """« 3, 5 à 9 »: lines in rising order, neighbours as a range; of many, the first and how many more."""
    ranges: list[list[int]] = []
    for line in sorted(set(lines)):
        if ranges and line == ranges[-1][1] + 1:
            ranges[-1][1] = line
        else:
            ranges.append([line, line])
    said = [str(a) if a == b else words("rows.range", first=a, last=b) for a, b in ranges[:RANGES_SAID]]
    rest = sum(b - a + 1 for a, b in ranges[RANGES_SAID:])
    return ", ".join(said) + (f" {words('rows.more', n=words.number(rest))}" if rest else "")


def say_rows(words: Words, lines: Sequence[int]) -> str:
    """« ligne 3 », « lignes 3, 5 à 9 »."""
    return words(_rows_key(lines), rows=say_lines(words, lines))


def say_filename(words: Words, filename: str) -> str:
    """The name of a file, or « Votre fichier » for one whose name was forgotten since it names somebody."""
    return filename or words("file.without_name")


def say_reading(words: Words, reading: Reading) -> list[str]:
    """What was understood of a file, and what was set aside and why; nothing of one that was refused and forgotten."""
    if not reading.positions:
        return []
    separator = {"\t": words("separator.tab"), " ": words("separator.space")}.get(
        reading.separator or "", reading.separator
    )
    facts = {
        "encoding": reading.encoding,
        "separator": separator,
        "sheet": ", ".join(reading.joined) or reading.sheet,
        "row": reading.header_row,
    }
    key = "understood.csv" if reading.kind == "csv" else "understood.workbook"
    said = [words(key, kind=reading.kind.upper(), **facts) if reading.header_row else words("understood.no_header")]
    if reading.hidden_lines:
        rows = words(_rows_key(reading.hidden_lines), rows=say_lines(words, reading.hidden_lines))
        said.append(words("understood.hidden", rows=rows))
    whys = dict.fromkeys(one.why for one in reading.aside)
    aside = [_say_aside(words, why, [one for one in reading.aside if one.why == why]) for why in whys]
    return said + ([words("understood.aside", parts=f"{_semicolon(words)} ".join(aside))] if aside else [])


def _semicolon(words: Words) -> str:
    return "\u202f;" if words.language == "fr" else ";"


def _say_aside(words: Words, why: str, some: list[Aside]) -> str:
    lines = [one.line for one in some if one.line is not None and one.sheet is None]
    sheets = ", ".join(dict.fromkeys(one.sheet for one in some if one.sheet))
    rows = words(_rows_key(lines), rows=say_lines(words, lines))
    return words(f"aside.{why}", rows=rows, sheets=sheets)


def _rows_key(lines: Sequence[int]) -> str:
    return "rows.one" if len(set(lines)) == 1 else "rows.many"


def _cause_key(issue: Issue) -> str:
    """A code's sentence, or the variant that fits what is known of the fault."""
    context, base = issue.context, f"issue.{issue.code}"
    if issue.code is Code.LAYOUT_QUESTION:
        return f"{base}.{context['about']}" + (".whole" if context["about"] == "indicator" and not issue.column else "")
    if "kind" in context and issue.code is not Code.WEAK_SURVEY:
        return f"{base}.{context['kind']}"
    if issue.code is Code.OUT_OF_RANGE:
        return f"{base}.{'open' if context['high'] == 'inf' else 'closed'}"
    if issue.code is Code.UNKNOWN_WORD:
        return f"{base}.mapping" if "mapping" in context else base
    if issue.code is Code.WRONG_TERRITORY and context.keys() & {"mapping", "own"} and issue.found:
        return f"{base}.{'mapping' if 'mapping' in context else 'own'}"
    if issue.code in (Code.WRONG_TERRITORY, Code.UNKNOWN_INDICATOR) and not issue.found:
        return f"{base}.empty"
    if issue.code is Code.UNREADABLE_NUMBER and context.keys() & {"twice", "percent"}:
        return f"{base}.{'twice' if 'twice' in context else 'percent'}"
    if issue.code is Code.UNREADABLE_PERIOD and not issue.found:
        return f"{base}.empty"
    if issue.code is Code.UNREADABLE_PERIOD and re.fullmatch(r"\d{1,2}[/-]\d{4}", issue.found or ""):
        return f"{base}.month"
    if issue.code is Code.MISSING_DENOMINATOR and issue.found and not issue.found.strip("0,. "):
        return f"{base}.zero"
    if issue.code is Code.MISSING_DENOMINATOR and context.get("value"):
        return f"{base}.rate_alone"
    if issue.code is Code.VALUE_DISAGREES and context.keys() & {"status", "fraction"}:
        return f"{base}.{'status' if 'status' in context else 'fraction'}"
    if issue.code is Code.MISSING_VALUE and "what" in context:
        return f"{base}.{context['what']}"
    if issue.code is Code.TOO_LONG and "longest" in context:
        return f"{base}.limit"
    if issue.code is Code.UNKNOWN_COLUMN and "position" in context:
        return f"{base}.unnamed"
    if issue.code in (Code.UNKNOWN_CATEGORY, Code.UNREADABLE_PERIOD) and DAY.match(issue.found or ""):
        return f"{base}.day"
    if issue.code is Code.UNKNOWN_CATEGORY and context["words"] and not issue.found:
        return f"{base}.empty"
    if issue.code is Code.UNKNOWN_CATEGORY and not context["words"]:
        return f"{base}.{'total' if context['dimension'] == 'total' else 'dimension'}"
    if "nearest" in context:
        return f"{base}.near" if context["nearest"] else base
    return base


def _number(words: Words, value: str) -> str:
    return words.number(float(value), 0 if float(value).is_integer() else 1) if value else ""


def _readable(words: Words, name: str, value: str) -> str:
    if name == "frequency":
        return words(f"frequency.{value}")
    if name in ("period", "reference"):
        return words.period(value)
    if name == "day":
        return words.day(date.fromisoformat(value))
    if name in ("low", "high") and value != "inf":
        return words.number(float(value))
    return value


def say_unreadable(words: Words, error: UnreadableFile) -> str:
    """One sentence for a file nobody can read."""
    numbers = {name: words.number(float(said)) for name, said in error.context.items() if name in ("rows", "limit")}
    return words(f"unreadable.{error.code}", filename=error.filename, **{**error.context, **numbers})


def say_figure(words: Words, row: Row) -> str:
    """A value as people may see it: « 35 % », « 8 sur 24 », « s », « n.d. »."""
    display = row["display"]
    if display == Display.MASKED:
        return words("sign.secret")
    if display == Display.NO_VALUE:
        return words("sign.not_available")
    if display == Display.COUNTS_ONLY:
        return words("counts", numerator=_count(words, row["numerator"]), denominator=_count(words, row["denominator"]))
    return say_value(words, row, "value")


def say_value(words: Words, row: Row, name: str) -> str:
    """A column of a progress row with its unit, in the decimals that may be shown; '' where there is none."""
    value = row[name]
    return "" if value is None else words.in_unit(_float(value), str(row["unit"]), _decimals(row))


def say_start(words: Words, row: Row) -> str:
    """The baseline: counts where its own n is small, as for any figure."""
    if row["ref_value"] is None:
        return words("sign.not_available")
    denominator = row["ref_denominator"]
    if denominator is not None and row["has_interval"] and _float(denominator) < FEWEST_FOR_PERCENT:
        return words("counts", numerator=_count(words, row["ref_numerator"]), denominator=_count(words, denominator))
    return say_value(words, row, "ref_value")


def say_range(words: Words, row: Row, form: str = "range") -> str:
    """The 95 % interval; '' where there is none or where only counts may be shown."""
    if row["low"] is None or row["display"] in (Display.COUNTS_ONLY, Display.MASKED):
        return ""
    return words.between(_float(row["low"]), _float(row["high"]), str(row["unit"]), _decimals(row), form)


def say_target(words: Words, row: Row) -> str:
    """The target with its unit, or the band; '' where none is set."""
    if row["kind"] == "maintain_band":
        return words.between(
            _float(row["band_low"]), _float(row["band_high"]), str(row["unit"]), _own_decimals(row, "band_low")
        )
    if row["target_value"] is None:
        return ""
    return words.in_unit(_float(row["target_value"]), str(row["unit"]), _own_decimals(row, "target_value"))


def say_state(words: Words, row: Row) -> str:
    """The word of a state; '' where none can be given."""
    state = row["state"]
    if state is None:
        return ""
    if row["kind"] == "maintain_band" and state in (State.REACHED, State.DECLINED):
        return words(f"state.{state}.band")
    return words(f"state.{state}")


def shape_of(row: Row) -> str:
    """The mark that goes with a state's word."""
    state = row["state"]
    if state is None:
        return ""
    return "–" if state == State.NO_READABLE_CHANGE else SHAPE_OF_FAMILY[FAMILY_OF_STATE[State(str(state))]]


def say_reason(words: Words, row: Row) -> str:
    """One sentence with the numbers that decided the state."""
    values = {
        "value": say_figure(words, row),
        "start": say_start(words, row),
        "range": say_range(words, row),
        "between": say_range(words, row, "range.and"),
        "target": say_target(words, row),
        "expected": say_value(words, row, "expected"),
        "due": words.due(str(row["due_period"])) if row["due_period"] else "",
        "period": words.period(str(row["period"])) if row["period"] else "",
        "start_period": words.period(str(row["ref_period"])) if row["ref_period"] else "",
        "n": _count(words, row["n"]),
        "nouns": words.of(dict(row), "unit_noun"),
    }
    return words(f"reason.{_reason_key(row)}", **values)


def _reason_key(row: Row) -> str:
    state, has_range = row["state"], row["low"] is not None
    if row["period"] is None:
        return "nothing_yet"
    if row["is_masked"]:
        return "masked"
    if state is None:
        return "no_value" if row["value"] is None else "gap" if row["expected"] is not None else "no_target"
    if state == State.TOO_FEW and row["is_ref_masked"]:
        return "start_masked"
    if state == State.TOO_FEW and row["denominator"] is None:
        return "too_few_count"
    if state == State.WATCH_ONLY:
        return "no_target" if not has_range or row["display"] == Display.COUNTS_ONLY else "watch_only"
    if row["kind"] == "maintain_band" and state in (State.REACHED, State.DECLINED, State.NO_READABLE_CHANGE):
        return "band"
    if state == State.NO_READABLE_CHANGE and row["ref_value"] is None:
        return "no_start"
    if state == State.PROGRESSING and row["expected"] is None:
        return "progressing_open"
    if state == State.NO_READABLE_CHANGE and row["denominator"] is None:
        return "no_readable_change_count"
    return str(state)


def _decimals(row: Row) -> int:
    return int(str(row["shown_decimals"]))


def _own_decimals(row: Row, name: str) -> int:
    """A promised figure is shown as it was written: 12,5 % keeps its decimal."""
    return 0 if _float(row[name]).is_integer() else max(1, _decimals(row))


def _count(words: Words, count: object) -> str:
    return "" if count is None else words.number(_float(count), 0 if _float(count).is_integer() else 1)


def _float(value: object) -> float:
    return float(str(value))


def say_account(words: Words, account: str, names: Mapping[str, str]) -> str:
    """Who an account is: the name of a person who signs in, the role of someone of the demonstration, or its id."""
    if account in names:
        return names[account]
    if account == COMMAND_LINE:
        return words("account.command_line")
    role = account.removeprefix("demo-").split("-")[0]
    if account.startswith("demo-") and role in list(Role):
        return words("account.demonstration", role=words(f"role.{role}"))
    return account
