"""The command line: `python -m pipelines COMMAND`. One of the two roots that compose everything.

Exit codes: 0 done, 1 blocking issues found, 2 file or request unusable, 3 store in use.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from functools import wraps
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import click
import polars as pl

from measures.disclosure import plan_masks
from measures.plausibility import check_plausibility
from measures.progress import measure_progress
from pipelines.catalogue import CatalogueError, check_catalogue, merge_catalogues, read_catalogue
from pipelines.demo import DEMO_FOLDER, load_demo
from pipelines.deposit import add_warnings, prepare_submission
from pipelines.layouts import MappingError, mapping_from_text, read_mapping
from pipelines.read import read_table
from pipelines.store import (
    Store,
    StoreInUse,
    StoreUnusable,
    load_catalogue,
    load_goals,
    load_mappings,
    load_observations,
    load_submissions,
    open_store,
    save_catalogue,
    save_submission,
)
from pipelines.tidy import Clock
from schemas.catalogue import Catalogue
from schemas.issue import Issue, UnreadableFile
from schemas.mapping import Mapping
from schemas.submission import PreparedSubmission, Receipt
from schemas.words import Audience
from settings import Settings, read_settings
from texts import LANGUAGES, Words, load_words
from texts.sentences import say_filename, say_issue, say_reading, say_reason, say_state, say_unreadable

PARIS = ZoneInfo("Europe/Paris")
DONE, BLOCKED, UNUSABLE, IN_USE = 0, 1, 2, 3


class RequestError(Exception):
    """A request that cannot be carried out; the text is the one line that says why."""


@dataclass(frozen=True)
class Request:
    """What every command shares: where the store is, which language, and whether JSON is wanted."""

    store_path: Path
    words: Words
    as_json: bool

    @contextmanager
    def store(self, is_dry_run: bool = False) -> Iterator[Store]:
        """The store, closed at the end; a dry run makes no file where there is none."""
        path = Path(":memory:") if is_dry_run and not self.store_path.exists() else self.store_path
        store = open_store(replace(_settings(), store_path=path), plan_masks)
        try:
            yield store
        finally:
            store.close()

    def answer(self, found: dict[str, Any], sentence: str) -> None:
        click.echo(json.dumps(found, ensure_ascii=False, default=_as_json) if self.as_json else sentence)


def _as_json(value: object) -> object:
    return value.isoformat() if isinstance(value, date | datetime) else str(value)


def now() -> datetime:
    return datetime.now(PARIS)


def programme_clock(catalogue: Catalogue) -> Clock:
    """Now; for a demonstration, the time of day in the day it lives in."""
    day = catalogue.today
    return now if day is None else lambda: now().replace(year=day.year, month=day.month, day=day.day)


def shared(command: Callable[..., None]) -> Callable[..., None]:
    """The options of every command, and one clear line for what cannot be used."""

    @click.option("--store", "store_path", type=click.Path(path_type=Path), help="Store file (default: CAP_STORE).")
    @click.option("--lang", type=click.Choice(LANGUAGES), default="fr", help="Language of the sentences.")
    @click.option("--json", "as_json", is_flag=True, help="One JSON object on standard output.")
    @wraps(command)
    def run(store_path: Path | None, lang: str, as_json: bool, **options: Any) -> None:
        words = load_words(lang)
        try:
            request = Request(store_path or _settings().store_path, words, as_json)
            command(request, **options)
        except UnreadableFile as error:
            _refuse(say_unreadable(words, error), UNUSABLE)
        except StoreInUse as error:
            _refuse(words("cli.store_in_use", path=error), IN_USE)
        except (CatalogueError, MappingError, StoreUnusable, RequestError, OSError) as error:
            _refuse(str(error), UNUSABLE)

    return run


def _settings() -> Settings:
    try:
        return read_settings(os.environ)
    except ValueError as error:
        raise RequestError(str(error)) from error


def _refuse(sentence: str, code: int) -> None:
    click.echo(sentence, err=True)
    sys.exit(code)


def at_option(command: Callable[..., None]) -> Callable[..., None]:
    return click.option("--as-of", type=str, help="A day or a moment, ISO: what was known then.")(command)


def read_moment(text: str | None) -> datetime | None:
    """A moment in ISO; a day alone means its end, a time without zone is Paris time. Raises RequestError."""
    if text is None:
        return None
    try:
        if len(text) == 10:
            return datetime.combine(date.fromisoformat(text), time.max, PARIS)
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise RequestError(f"--as-of {text!r} is not a day or a moment such as 2026-11-23") from error
    return moment if moment.tzinfo else moment.replace(tzinfo=PARIS)


territory_option = click.option("--territory", "territories", multiple=True, help="May be repeated.")
sheet_option = click.option("--sheet", help="The sheet of a workbook, where it has several.")
mapping_option = click.option("--mapping", "mapping_path", type=click.Path(exists=True, path_type=Path))


class OneLine(click.Group):
    """A group of commands that says what is wrong with a request in one line."""

    def main(self, *args: Any, **extra: Any) -> Any:
        try:
            return super().main(*args, **{**extra, "standalone_mode": False})
        except click.ClickException as error:
            _refuse(error.format_message(), UNUSABLE)
        except click.Abort:
            _refuse("Interrupted.", UNUSABLE)


@click.group(cls=OneLine, help=__doc__)
def cli() -> None:
    pass


@cli.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@sheet_option
@shared
def read(request: Request, file: Path, sheet: str | None) -> None:
    """Print the table as found: UTF-8 CSV, header first, cells untouched."""
    with redirect_stdout(sys.stderr):  # what a library prints is no part of the table
        table = read_table(file.read_bytes(), file.name, sheet)
    click.echo(table.drop("source_row").write_csv(), nl=False)


@cli.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@territory_option
@mapping_option
@sheet_option
@shared
def check(
    request: Request, file: Path, territories: Sequence[str], mapping_path: Path | None, sheet: str | None
) -> None:
    """Say everything that is wrong with a file; nothing is stored."""
    with request.store(is_dry_run=True) as store:
        mapping = read_mapping(mapping_path) if mapping_path else None
        prepared = _prepare(store, file, territories, mapping, _full_catalogue(store, mapping), sheet)
    found = {"file": prepared.filename, "rows": prepared.row_count, "ok": prepared.is_ready}
    sentence = request.words(
        "cli.ready" if prepared.is_ready else "cli.not_ready", file=say_filename(request.words, prepared.filename)
    )
    _answer_issues(request, found, sentence, prepared)
    sys.exit(DONE if prepared.is_ready else BLOCKED)


@cli.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@territory_option
@mapping_option
@sheet_option
@click.option("--by", default="command-line", help="Account of the depositor.")
@click.option("--reason")
@click.option("--approve", is_flag=True, help="Approve at once (for now every deposit is).")
@shared
def deposit(
    request: Request,
    files: Sequence[Path],
    territories: Sequence[str],
    mapping_path: Path | None,
    sheet: str | None,
    by: str,
    reason: str | None,
    approve: bool,
) -> None:
    """Check files, keep those without blocking issue, print the receipts."""
    mapping = read_mapping(mapping_path) if mapping_path else None
    answers: list[dict[str, Any]] = []
    sentences: list[str] = []
    codes = [DONE]
    with request.store() as store:
        catalogue = _full_catalogue(store, mapping)
        for file in files:
            try:
                prepared = _prepare(store, file, territories, mapping, catalogue, sheet)
            except UnreadableFile as error:
                if len(files) == 1:
                    raise
                click.echo(say_unreadable(request.words, error), err=True)
                answers.append({**REFUSED, "file": file.name, "reason": error.code})
                codes.append(UNUSABLE)
                continue
            answers.append(_keep(request, store, catalogue, prepared, by, reason))
            codes.append(DONE if prepared.is_ready else BLOCKED)
            answers[-1]["understood"] = say_reading(request.words, prepared.reading)
            said = (say_issue(request.words, issue) for issue in prepared.issues)
            sentences += [answers[-1].pop("sentence"), *answers[-1]["understood"], *said]
    request.answer(answers[0] if len(files) == 1 else {"deposits": answers}, "\n".join(sentences))
    sys.exit(max(codes))


REFUSED: dict[str, Any] = {
    "submission_id": None,
    "state": "refused",
    "rows": 0,
    "new": 0,
    "changed": 0,
    "unchanged": 0,
    "issues": [],
}


def _keep(
    request: Request, store: Store, catalogue: Catalogue, prepared: PreparedSubmission, by: str, reason: str | None
) -> dict[str, Any]:
    """Save what is ready; the answer of one file, with the `sentence` that says it."""
    issues = [_issue_as_json(request.words, issue) for issue in prepared.issues]
    if not prepared.is_ready:
        counts = {"file": prepared.filename, "rows": prepared.row_count, "sha256": prepared.sha256, "issues": issues}
        return {
            **REFUSED,
            **counts,
            "sentence": request.words("cli.not_ready", file=say_filename(request.words, prepared.filename)),
        }
    at = programme_clock(catalogue)()
    save_catalogue(store, catalogue, at)
    receipt = save_submission(store, prepared, by, at, reason)
    return {**_receipt_as_json(receipt), "issues": issues, "sentence": _say_receipt(request.words, receipt)}


def _full_catalogue(store: Store, mapping: Mapping | None) -> Catalogue:
    """The store's catalogue and what the mapping brings of its own."""
    catalogue = load_catalogue(store)
    if mapping and mapping.catalogue:
        catalogue = merge_catalogues(catalogue, read_catalogue(mapping.catalogue))
        check_catalogue(catalogue)
    return catalogue


def _prepare(
    store: Store,
    file: Path,
    territories: Sequence[str],
    mapping: Mapping | None,
    catalogue: Catalogue,
    sheet: str | None,
) -> PreparedSubmission:
    if mapping:
        territories = mapping.list_territories()
    if not territories:
        raise click.UsageError("--territory or --mapping is needed")
    known = set(catalogue.territories["territory_code"])
    unknown = sorted(set(territories) - known)
    if unknown:
        raise RequestError(f"unknown territory: {', '.join(unknown)}")
    previous = load_observations(store, territories, Audience.TERRITORY)
    kept = load_mappings(store, territories[0]) if len(territories) == 1 else {}
    with redirect_stdout(sys.stderr):  # what a library prints is no part of the answer
        prepared = prepare_submission(
            file.read_bytes(),
            file.name,
            territories,
            catalogue,
            previous,
            programme_clock(catalogue),
            mapping,
            sheet,
            kept={layout: mapping_from_text(text, layout) for layout, text in kept.items()},
        )
    if prepared.rows.is_empty():
        return prepared
    odd = check_plausibility(prepared.rows, previous, catalogue, prepared.reading.template_on)
    return add_warnings(prepared, odd)


def _issue_as_json(words: Words, issue: Issue) -> dict[str, object]:
    return {
        "code": issue.code.value,
        "severity": issue.severity.value,
        "row": issue.row,
        "column": issue.column,
        "found": issue.found,
        "message": say_issue(words, issue),
    }


def _answer_issues(request: Request, found: dict[str, Any], sentence: str, prepared: PreparedSubmission) -> None:
    found["issues"] = [_issue_as_json(request.words, issue) for issue in prepared.issues]
    found["understood"] = say_reading(request.words, prepared.reading)
    said = (say_issue(request.words, issue) for issue in prepared.issues)
    request.answer(found, "\n".join([sentence, *found["understood"], *said]))


def _receipt_as_json(receipt: Receipt) -> dict[str, Any]:
    return {
        "submission_id": receipt.submission_id,
        "state": receipt.state.value,
        "file": receipt.filename,
        "rows": receipt.rows,
        "new": receipt.new,
        "changed": receipt.changed,
        "unchanged": receipt.unchanged,
        "sha256": receipt.sha256,
        "sent_by": receipt.sent_by,
        "at": receipt.at,
        "territories": list(receipt.territories),
        "already_deposited_at": receipt.first_at,
    }


def _say_receipt(words: Words, receipt: Receipt) -> str:
    key = "receipt.repeat" if receipt.first_at else "receipt.line"
    return words(
        key,
        id=receipt.submission_id,
        at=words.moment(receipt.at),
        file=receipt.filename,
        new=receipt.new,
        changed=receipt.changed,
        unchanged=receipt.unchanged,
    )


@cli.command()
@territory_option
@at_option
@shared
def submissions(request: Request, territories: Sequence[str], as_of: str | None) -> None:
    """List the deposits, latest first."""
    with request.store() as store:
        rows = load_submissions(store, territories or None, read_moment(as_of))
    found = rows.drop("mapping").to_dicts()
    lines = [
        f"{row['submission_id']}  {row['sent_at']:%Y-%m-%d %H:%M}  {row['state']}  {row['filename']}" for row in found
    ]
    request.answer({"submissions": found}, "\n".join(lines) or request.words("cli.nothing"))


@cli.command()
@territory_option
@click.option("--indicator", "indicators", multiple=True)
@click.option("--audience", type=click.Choice([a.value for a in Audience]), default=Audience.TERRITORY.value)
@at_option
@shared
def observations(
    request: Request, territories: Sequence[str], indicators: Sequence[str], audience: str, as_of: str | None
) -> None:
    """Print the current view, masked for the audience."""
    with request.store() as store:
        wanted = territories or load_catalogue(store).territories["territory_code"].to_list()
        rows = load_observations(store, wanted, Audience(audience), indicators or None, read_moment(as_of))
    request.answer({"observations": rows.to_dicts()}, rows.drop("source_row").write_csv().rstrip())


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
}


@cli.command()
@territory_option
@click.option("--audience", type=click.Choice([a.value for a in Audience]), default=Audience.TERRITORY.value)
@at_option
@shared
def progress(request: Request, territories: Sequence[str], audience: str, as_of: str | None) -> None:
    """Say where each goal-indicator stands at its latest period."""
    moment = read_moment(as_of)
    with request.store() as store:
        catalogue = load_catalogue(store, moment)
        wanted = territories or catalogue.territories["territory_code"].to_list()
        seen = load_observations(store, wanted, Audience(audience), None, moment)
        goals = load_goals(store, wanted, Audience(audience), moment)
    today = moment.date() if moment else programme_clock(catalogue)().date()
    nouns = catalogue.indicators.select("indicator_code", "unit_noun_fr", "unit_noun_en").unique("indicator_code")
    measured = measure_progress(seen, goals, today).filter(pl.col("is_latest"))
    rows = measured.join(nouns, on="indicator_code", how="left", maintain_order="left").to_dicts()
    found = [
        {**{name: row[column] for column, name in PROGRESS.items()}, "reason": say_reason(request.words, row)}
        for row in rows
    ]
    lines = [
        f"{row['territory_code']} {row['goal_code'] or '-'} {row['indicator_code']} {row['period'] or '-'}: "
        f"{say_state(request.words, row) or '-'}. {say_reason(request.words, row)}"
        for row in rows
    ]
    request.answer({"progress": found}, "\n".join(lines) or request.words("cli.nothing"))


@cli.command(name="load-catalogue")
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@shared
def load_catalogue_command(request: Request, folder: Path) -> None:
    """Check the reference tables of a folder and add what is new or different."""
    with request.store() as store:
        added = read_catalogue(folder)
        together = merge_catalogues(load_catalogue(store), added)
        check_catalogue(together)
        saved = save_catalogue(store, added, programme_clock(together)())
    rows = {table: frame.height for table, frame in added.tables().items()}
    sentence = request.words("cli.catalogue", rows=sum(rows.values()), saved=sum(saved.values()))
    request.answer({"tables": rows, "added": saved}, sentence)


@cli.command()
@shared
def demo(request: Request) -> None:
    """Build the demonstration programme, through the same path as any deposit; a store that has it stays as it is."""
    with request.store() as store:
        tables = load_demo(store, DEMO_FOLDER)
    request.answer({"tables": tables}, request.words("cli.demo", rows=tables["observation"]))


if __name__ == "__main__":
    cli()
