"""Figures out: observations, progress, rounds, export."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click
import polars as pl

from commands.line import a_folder, as_of_option, command, territory_option
from commands.request import Answer, Request, RequestError, list_wanted, programme_clock, read_moment
from measures.landing import project_landing
from measures.progress import measure_progress
from measures.rounds import current_round, list_expected, list_reminders, list_rounds, measure_rounds
from outputs.export import write_export
from pipelines.keeping import write_folder
from pipelines.store import load_catalogue, load_deliveries, load_goals, load_observations, load_submissions
from schemas.words import Audience
from texts.explanations import explain
from texts.sentences import say_reason, say_state

AUDIENCES = [audience.value for audience in Audience]
audience_option = click.option("--audience", type=click.Choice(AUDIENCES), default=Audience.TERRITORY.value)
PROGRESS = {
    "territory_code": "territory",
    "qpv_code": "quartier",
    "goal_code": "goal",
    "indicator_code": "indicator",
    "period": "period",
    "value": "value",
    "low": "low",
    "high": "high",
    "expected": "expected",
    "target_value": "target",
    "attainment_unbounded": "attainment",
    "pace": "pace",
    "state": "state",
    "needed_rate": "needed_rate",
    "landing_value": "landing",
    "landing_low": "landing_low",
    "landing_high": "landing_high",
}


@command("observations")
@territory_option
@click.option("--indicator", "indicators", multiple=True)
@audience_option
@as_of_option
def observations(
    request: Request, territories: Sequence[str], indicators: Sequence[str], audience: str, as_of: str | None
) -> Answer:
    """Print the current view, masked for the audience."""
    with request.store() as store:
        catalogue, moment = load_catalogue(store), read_moment(as_of)
        unknown = sorted(set(indicators) - set(catalogue.indicators["indicator_code"]))
        if unknown:
            raise RequestError("cli.unknown_indicator", indicator=", ".join(unknown))
        wanted = list_wanted(catalogue, territories)
        rows = load_observations(store, wanted, Audience(audience), indicators or None, moment)
    return Answer({"observations": rows.to_dicts()}, rows.drop("source_row").write_csv().rstrip())


@command("progress")
@territory_option
@audience_option
@as_of_option
def progress(request: Request, territories: Sequence[str], audience: str, as_of: str | None) -> Answer:
    """Say where each goal-indicator stands at its latest period."""
    moment = read_moment(as_of)
    with request.store() as store:
        catalogue = load_catalogue(store, moment)
        wanted = list_wanted(load_catalogue(store), territories)
        seen = load_observations(store, wanted, Audience(audience), None, moment)
        goals = load_goals(store, wanted, Audience(audience), moment)
    today = moment.date() if moment else programme_clock(catalogue)().date()
    nouns = catalogue.indicators.select("indicator_code", "unit_noun_fr", "unit_noun_en").unique("indicator_code")
    measured = measure_progress(seen, goals, today).filter(pl.col("is_latest"))
    rows = project_landing(measured).join(nouns, on="indicator_code", how="left", maintain_order="left").to_dicts()
    found = [
        {
            **{name: row[column] for column, name in PROGRESS.items()},
            "reason": say_reason(request.words, row),
            "how": explain(request.words, row),
        }
        for row in rows
    ]
    lines = [
        f"{row['territory_code']} {row['goal_code'] or '-'} {row['indicator_code']} {row['period'] or '-'}: "
        f"{say_state(request.words, row) or '-'}. {say_reason(request.words, row)}"
        for row in rows
    ]
    return Answer({"progress": found}, "\n".join(lines) or request.words("cli.nothing"))


@command("export")
@click.argument("folder", type=a_folder)
@territory_option
@click.option("--audience", type=click.Choice(AUDIENCES), required=True, help="For whom: decides what is masked.")
@as_of_option
def export(request: Request, folder: Path, territories: Sequence[str], audience: str, as_of: str | None) -> Answer:
    """Write the figures of a territory as CSV, with the dictionary of their columns and a data package."""
    moment = read_moment(as_of)
    with request.store() as store:
        catalogue = load_catalogue(store, moment)
        if not territories:
            raise RequestError("cli.territory_needed")
        wanted = list_wanted(catalogue, territories)
        rows = load_observations(store, wanted, Audience(audience), None, moment)
        log = load_submissions(store, wanted, moment) if audience == Audience.TERRITORY else pl.DataFrame()
    at = moment or programme_clock(catalogue)()
    files = write_export(rows, log, catalogue, wanted, Audience(audience), at, request.words)
    write_folder(folder, files)
    return Answer({"files": sorted(files)}, "\n".join(str(folder / name) for name in sorted(files)))


@command("rounds")
@territory_option
@click.option("--round", "period", help="A quarter, such as 2026-Q3; left out: the one that is open.")
@as_of_option
def rounds(request: Request, territories: Sequence[str], period: str | None, as_of: str | None) -> Answer:
    """Say what was expected of each territory for a quarter, what came, in time or late."""
    moment = read_moment(as_of)
    with request.store() as store:
        catalogue = load_catalogue(store, moment)
        wanted = list_wanted(load_catalogue(store), territories)
        came = load_deliveries(store, wanted, moment)
    at = moment or programme_clock(catalogue)()
    quarter = period or current_round(at.date())
    asked = catalogue.territories.filter(pl.col("territory_code").is_in(wanted))
    try:
        of_quarter = list_rounds(quarter, asked, catalogue.rounds)
        board = measure_rounds(list_expected(catalogue, wanted, quarter), came, of_quarter, at)
    except ValueError as error:
        raise RequestError("cli.no_round", text=quarter) from error
    reminders = {one.territory_code: [day for _, day in list_reminders(one)] for one in of_quarter}
    found = [{**row, "reminders": reminders[row["territory_code"]]} for row in board.to_dicts()]
    words = request.words
    zones = dict(asked.select("territory_code", "timezone").rows())
    lines = []
    for row in found:
        state = words(f"round.{row['state']}") if row["state"] else words("round.none")
        said = words("round.late", state=state) if row["is_late"] else state
        counts = words("rounds.of", n=row["delivered"], of=row["expected"])
        due = words.moment(row["due_at"], zones[row["territory_code"]])
        lines.append(f"{row['territory_code']} {words.period(row['round'])}{words('colon')}{said}, {counts}, {due}")
    return Answer({"rounds": found}, "\n".join(lines) or request.words("cli.nothing"))
