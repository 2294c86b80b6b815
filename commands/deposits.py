"""Files in, and the life of what came: from `read` and `check` to `deposit`, `approve`, `return`, `receipt`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import click
import polars as pl

from commands.line import a_file, as_of_option, by_option, command, mapping_option, sheet_option, territory_option
from commands.request import (
    BLOCKED,
    DONE,
    UNUSABLE,
    Answer,
    Request,
    RequestError,
    clock_of,
    list_wanted,
    programme_clock,
    read_moment,
)
from measures.plausibility import check_plausibility
from outputs.difference import Difference, list_difference, pick_changes
from outputs.receipt import say_event, say_remark
from outputs.registers import list_receipt_difference, list_register_difference, read_cells
from pipelines.catalogue import check_catalogue, merge_catalogues, read_catalogue
from pipelines.deposit import add_warnings, leave_faulty, prepare_submission
from pipelines.difference import compare_rows
from pipelines.layouts import mapping_from_text, read_mapping
from pipelines.read import read_table
from pipelines.store import (
    PreviewOutdated,
    Store,
    count_masked,
    load_catalogue,
    load_mappings,
    load_observations,
    load_receipt,
    load_sent,
    load_submissions,
    load_whole_catalogue,
    move_submission,
    save_catalogue,
    save_submission,
)
from pipelines.store.accounts import load_names
from schemas.catalogue import Catalogue
from schemas.issue import Issue, Issues, UnreadableFile
from schemas.mapping import Mapping
from schemas.submission import OBSERVATIONS, Change, PreparedSubmission, Receipt, Remark, SubmissionState
from schemas.words import Audience
from texts import Words
from texts.sentences import say_account, say_filename, say_issue, say_reading, say_unreadable

MOST_TRIES = 5
LINES_SAID = 20
REFUSED: dict[str, Any] = {
    "submission_id": None,
    "state": "refused",
    "rows": 0,
    "new": 0,
    "changed": 0,
    "unchanged": 0,
    "kept": 0,
    "masked": 0,
    "left": 0,
    "issues": [],
}


@dataclass(frozen=True)
class Sending:
    """How files are to be sent: for whom, read how, by whom, why, and whether approved at once or in part."""

    territories: Sequence[str]
    mapping: Mapping | None
    sheet: str | None
    by: str = ""
    reason: str | None = None
    partial: bool = False
    approve: bool = False


@command("read")
@click.argument("file", type=a_file)
@sheet_option
def read(request: Request, file: Path, sheet: str | None) -> Answer:
    """Print the table as found: UTF-8 CSV, header first, cells untouched."""
    table = read_table(file.read_bytes(), file.name, sheet).drop("source_row")
    return Answer({"columns": table.columns, "rows": table.rows()}, table.write_csv().removesuffix("\n"))


@command("check")
@click.argument("file", type=a_file)
@territory_option
@mapping_option
@sheet_option
def check(
    request: Request, file: Path, territories: Sequence[str], mapping_path: Path | None, sheet: str | None
) -> Answer:
    """Say everything that is wrong with a file and what it would change; nothing is stored."""
    words = request.words
    sending = Sending(territories, read_mapping(mapping_path) if mapping_path else None, sheet)
    with request.store(is_dry_run=True) as store:
        catalogue = _full_catalogue(store, sending.mapping)
        prepared, _ = _prepare(store, file, sending, catalogue)
        masked = count_masked(store, prepared.rows) if prepared.is_ready else 0
    found = {"file": prepared.filename, "rows": prepared.row_count, "ok": prepared.is_ready}
    key = "cli.ready" if prepared.is_ready else "cli.not_ready"
    understood = say_understood(words, prepared)
    lines = [words(key, file=say_filename(words, prepared.filename)), *understood]
    found |= {"understood": understood, "issues": list_issues(words, prepared.issues)}
    lines += [say_issue(words, issue) for issue in prepared.issues]
    if prepared.is_ready:
        found |= {**count_changes(prepared), "masked": masked, "changes": list_changes(prepared.changes)}
        lines += say_difference(_list_prepared_difference(words, catalogue, prepared, masked))
    return Answer(found, "\n".join(lines), DONE if prepared.is_ready else BLOCKED)


@command("deposit")
@click.argument("files", nargs=-1, required=True, type=a_file)
@territory_option
@mapping_option
@sheet_option
@by_option
@click.option("--reason", help="Why: needed where an approved value changes.")
@click.option("--partial", is_flag=True, help="Keep the rows that are ready, name the others.")
@click.option("--approve", is_flag=True, help="Approve at once.")
def deposit(
    request: Request,
    files: Sequence[Path],
    territories: Sequence[str],
    mapping_path: Path | None,
    sheet: str | None,
    by: str,
    reason: str | None,
    partial: bool,
    approve: bool,
) -> Answer:
    """Check files, keep those without blocking issue, print the receipts."""
    mapping = read_mapping(mapping_path) if mapping_path else None
    sending = Sending(territories, mapping, sheet, by, reason, partial, approve)
    answers: list[Answer] = []
    with request.store() as store:
        for file in files:
            try:
                answers.append(_deposit(request, store, file, sending))
            except UnreadableFile as error:
                if len(files) == 1:
                    raise
                refused = {**REFUSED, "file": file.name, "reason": error.code}
                answers.append(Answer(refused, "", UNUSABLE, (say_unreadable(request.words, error),)))
    if len(answers) == 1:
        return answers[0]
    return Answer(
        {"deposits": [answer.found for answer in answers]},
        "\n".join(answer.text for answer in answers if answer.text),
        max(answer.code for answer in answers),
        tuple(note for answer in answers for note in answer.notes),
    )


def _deposit(request: Request, store: Store, file: Path, sending: Sending) -> Answer:
    """One file: where approved values move meanwhile, the difference is made again."""
    for _ in range(MOST_TRIES):
        catalogue = _full_catalogue(store, sending.mapping)
        at = programme_clock(catalogue)()
        seen = store.version()
        prepared, whole = _prepare(store, file, sending, catalogue)
        said = [say_issue(request.words, issue) for issue in prepared.left + prepared.issues]
        understood = say_understood(request.words, prepared)
        found = {"understood": understood, "issues": list_issues(request.words, prepared.left + prepared.issues)}
        if not prepared.is_ready:
            counts = {"file": prepared.filename, "rows": whole, "sha256": prepared.sha256}
            sentence = request.words("cli.not_ready", file=say_filename(request.words, prepared.filename))
            return Answer({**REFUSED, **counts, **found}, "\n".join([sentence, *understood, *said]), BLOCKED)
        if save_catalogue(store, catalogue, at, sending.by) and sending.mapping:
            seen = store.version()
        try:
            receipt = save_submission(store, prepared, sending.by, at, sending.reason, seen, approve=sending.approve)
        except PreviewOutdated:
            continue
        answer = say_receipt(request, store, receipt, fresh=prepared.changes)
        return Answer({**answer.found, **found}, "\n".join([answer.text, *understood, *said]))
    raise RequestError("cli.moving")


def _full_catalogue(store: Store, mapping: Mapping | None) -> Catalogue:
    """The store's catalogue and what the mapping brings of its own."""
    catalogue = load_whole_catalogue(store)
    if mapping and mapping.catalogue:
        catalogue = merge_catalogues(catalogue, read_catalogue(mapping.catalogue))
        check_catalogue(catalogue)
    return catalogue


def _prepare(store: Store, file: Path, sending: Sending, catalogue: Catalogue) -> tuple[PreparedSubmission, int]:
    """The prepared file, and how many rows it has in all."""
    mapping = sending.mapping
    territories = mapping.list_territories() if mapping else sending.territories
    if not territories:
        raise RequestError("cli.territory_or_mapping")
    territories = list_wanted(catalogue, territories)
    previous = load_observations(store, territories, Audience.TERRITORY)
    kept = load_mappings(store, territories[0]) if len(territories) == 1 else {}
    prepared = prepare_submission(
        file.read_bytes(),
        file.name,
        territories,
        catalogue,
        previous,
        programme_clock(catalogue),
        mapping,
        sending.sheet,
        kept={layout: mapping_from_text(text, layout) for layout, text in kept.items()},
    )
    if prepared.rows.is_empty():
        return prepared, prepared.row_count
    odd = check_plausibility(prepared.rows, previous, catalogue, prepared.reading.template_on)
    checked = add_warnings(prepared, odd)
    return (leave_faulty(checked, previous) if sending.partial else checked), prepared.row_count


def list_issues(words: Words, issues: Issues) -> list[dict[str, object]]:
    return [_issue_as_json(words, issue) for issue in issues]


def _issue_as_json(words: Words, issue: Issue) -> dict[str, object]:
    return {
        "code": issue.code.value,
        "severity": issue.severity.value,
        "row": issue.row,
        "column": issue.column,
        "found": issue.found,
        "message": say_issue(words, issue),
    }


def count_changes(prepared: PreparedSubmission) -> dict[str, int]:
    return {change.value: prepared.count(change) for change in Change}


def list_changes(changes: pl.DataFrame) -> list[dict[str, Any]]:
    """Every value that is new, changed or stays though it is not in the file, with what stood before; of a register
    every row, and the cells of it that move, by our codes."""
    rows = pick_changes(changes, Change.NEW, Change.CHANGED, Change.KEPT).drop("source_column", strict=False).to_dicts()
    if "before" in changes.columns:
        return [{**row, "before": read_cells(row["before"]), "after": read_cells(row["after"])} for row in rows]
    return rows


def say_understood(words: Words, prepared: PreparedSubmission) -> list[str]:
    """How the file was read, and which register it is."""
    kind = [] if prepared.kind == OBSERVATIONS else [words(f"register.is.{prepared.kind}")]
    return [*kind, *say_reading(words, prepared.reading)]


def _list_prepared_difference(
    words: Words, catalogue: Catalogue, prepared: PreparedSubmission, masked: int
) -> Difference:
    if prepared.kind != OBSERVATIONS:
        return list_register_difference(words, prepared.kind, prepared.changes)
    return list_difference(words, catalogue, prepared.changes, masked)


def say_difference(difference: Difference) -> list[str]:
    lines = [f"  {', '.join(line[:-2])}: {line[-2] or '–'} → {line[-1]}" for line in difference.lines[:LINES_SAID]]
    more = len(difference.lines) - LINES_SAID + difference.rest
    return [difference.counts, *difference.notes, *lines, *([f"  … +{more}"] if more > 0 else [])]


def _list_kept(
    words: Words, store: Store, receipt: Receipt, as_of: datetime | None, fresh: pl.DataFrame | None
) -> tuple[pl.DataFrame, Difference]:
    """What a deposit changed: of a register the lines are those of who just sent it, the receipt keeps the counts."""
    if receipt.kind != OBSERVATIONS:
        changes = pl.DataFrame() if fresh is None or receipt.first_at else fresh
        return changes, list_receipt_difference(words, receipt, changes)
    sent, before = load_sent(store, receipt.submission_id, receipt.territories, Audience.TERRITORY, as_of)
    changes = compare_rows(sent, before)
    return changes, list_difference(words, load_catalogue(store, as_of), changes, receipt.masked, receipt.left)


def say_receipt(
    request: Request,
    store: Store,
    receipt: Receipt,
    as_of: datetime | None = None,
    fresh: pl.DataFrame | None = None,
) -> Answer:
    """The receipt as JSON and as lines, with what it replaces, as of a moment; `fresh`: what was just sent with it."""
    words = request.words
    changes, difference = _list_kept(words, store, receipt, as_of, fresh)
    found = {
        "submission_id": receipt.submission_id,
        "state": receipt.state.value,
        "file": receipt.filename,
        "rows": receipt.rows,
        "new": receipt.new,
        "changed": receipt.changed,
        "unchanged": receipt.unchanged,
        "kept": receipt.kept,
        "masked": receipt.masked,
        "left": receipt.left,
        "sha256": receipt.sha256,
        "sent_by": receipt.sent_by,
        "at": receipt.at,
        "reason": receipt.reason,
        "territories": list(receipt.territories),
        "already_deposited_at": receipt.first_at,
        "events": [{"state": e.state.value, "by": e.by, "at": e.at, "reason": e.reason} for e in receipt.events],
        "remarks": [{"row": r.row, "column": r.column, "text": r.text} for r in receipt.remarks],
        "repairs": [{"row": r.row, "column": r.column, "old": r.old, "new": r.new} for r in receipt.repairs],
        "changes": list_changes(changes),
    }
    key = "receipt.repeat" if receipt.first_at else "receipt.line"
    line = words(key, id=receipt.submission_id, at=words.moment(receipt.at), file=receipt.filename)
    lines = [line, words("receipt.state", state=words(f"submission.{receipt.state}"))]
    names = load_names(store)
    lines += [
        say_event(words, event, lambda account: say_account(words, account, names), "Europe/Paris")
        for event in receipt.events
    ]
    lines += [say_remark(words, remark) for remark in receipt.remarks]
    return Answer(found, "\n".join([*lines, *say_difference(difference)]))


number_argument = click.argument("number", metavar="ID")
reason_option = click.option("--reason", help="Why; it stays with the deposit.")
remark_option = click.option(
    "--remark", "remarks", multiple=True, help="LINE:TEXT or LINE:COLUMN:TEXT, said of a line of the file; repeatable."
)


@command("approve")
@number_argument
@by_option
@reason_option
def approve(request: Request, number: str, by: str, reason: str | None) -> Answer:
    """Approve a deposit: from now on its values are the figures."""
    return _move(request, number, SubmissionState.APPROVED, by, reason)


@command("return")
@number_argument
@by_option
@reason_option
@remark_option
def return_(request: Request, number: str, by: str, reason: str | None, remarks: Sequence[str]) -> Answer:
    """Return a deposit to its sender, with the reason and remarks by line."""
    return _move(request, number, SubmissionState.RETURNED, by, reason, [_read_remark(text) for text in remarks])


@command("withdraw")
@number_argument
@by_option
@reason_option
def withdraw(request: Request, number: str, by: str, reason: str | None) -> Answer:
    """Take a deposit back: the values before it stand again."""
    return _move(request, number, SubmissionState.WITHDRAWN, by, reason)


def _move(
    request: Request,
    number: str,
    state: SubmissionState,
    by: str,
    reason: str | None,
    remarks: Sequence[Remark] = (),
) -> Answer:
    with request.store() as store:
        try:
            receipt = move_submission(store, number, state, by, clock_of(store), reason, remarks)
        except KeyError as error:
            raise RequestError("cli.no_receipt", number=number) from error
        return say_receipt(request, store, receipt)


def _read_remark(text: str) -> Remark:
    row, _, rest = text.partition(":")
    if not row.strip().isdecimal() or not rest.strip():
        raise RequestError("cli.no_remark", text=text)
    column, colon, said = rest.partition(":")
    return Remark(said.strip(), int(row), column.strip()) if colon and said.strip() else Remark(rest.strip(), int(row))


@command("receipt")
@number_argument
@as_of_option
def receipt(request: Request, number: str, as_of: str | None) -> Answer:
    """Print a receipt again, with what became of the deposit."""
    moment = read_moment(as_of)
    with request.store() as store:
        try:
            found = load_receipt(store, number, None, moment)
        except KeyError as error:
            raise RequestError("cli.no_receipt", number=number) from error
        return say_receipt(request, store, found, moment)


@command("submissions")
@territory_option
@as_of_option
def submissions(request: Request, territories: Sequence[str], as_of: str | None) -> Answer:
    """List the deposits, latest first."""
    with request.store() as store:
        wanted = list_wanted(load_catalogue(store), territories) if territories else None
        rows = load_submissions(store, wanted, read_moment(as_of))
    found, words = rows.drop("mapping").to_dicts(), request.words
    lines = [
        "  ".join(
            (row["submission_id"], words.moment(row["sent_at"]), words(f"submission.{row['state']}"), row["filename"])
        )
        for row in found
    ]
    return Answer({"submissions": found}, "\n".join(lines) or request.words("cli.nothing"))
