"""The programme and its keeping: load-catalogue, demo, territory, backup, restore, audit."""

from __future__ import annotations

from datetime import time
from pathlib import Path

import click

from commands.line import a_folder, by_option, command
from commands.request import Answer, Request, RequestError, clock_of, now, programme_clock, read_moment
from pipelines.catalogue import check_catalogue, merge_catalogues, read_catalogue
from pipelines.demo import DEMO_FOLDER, load_demo
from pipelines.store import load_catalogue, load_whole_catalogue, save_approval_at_once, save_catalogue
from pipelines.store.audit import load_audit
from pipelines.store.backup import back_up, restore_backup


@command("load-catalogue")
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
def load_catalogue_command(request: Request, folder: Path) -> Answer:
    """Check the reference tables of a folder and add what is new or different."""
    with request.store() as store:
        added = read_catalogue(folder)
        together = merge_catalogues(load_whole_catalogue(store), added)
        check_catalogue(together)
        saved = save_catalogue(store, added, programme_clock(together)())
    rows = {table: frame.height for table, frame in added.tables().items()}
    sentence = request.words("cli.catalogue", rows=sum(rows.values()), saved=sum(saved.values()))
    return Answer({"tables": rows, "added": saved}, sentence)


@command("demo")
def demo(request: Request) -> Answer:
    """Build the demonstration programme, through the same path as any deposit; a store that has it stays as it is."""
    with request.store() as store:
        tables = load_demo(store, DEMO_FOLDER)
    return Answer({"tables": tables}, request.words("cli.demo", rows=tables["observation"]))


@command("territory")
@click.argument("code")
@click.option("--approve-at-once", type=click.Choice(["yes", "no"]), required=True)
@by_option
def territory(request: Request, code: str, approve_at_once: str, by: str) -> Answer:
    """Choose for a territory whether a deposit without warning is approved as it comes."""
    with request.store() as store:
        if code not in load_catalogue(store).territories["territory_code"]:
            raise RequestError("cli.unknown_territory", territory=code)
        save_approval_at_once(store, code, approve_at_once == "yes", by, clock_of(store))
    return Answer(
        {"territory": code, "approve_at_once": approve_at_once == "yes"},
        request.words(f"cli.at_once.{approve_at_once}", territory=code),
    )


@command("backup")
@click.argument("folder", type=a_folder)
def backup(request: Request, folder: Path) -> Answer:
    """Write everything into a new folder: tables as Parquet, original files, a manifest with checksums."""
    with request.store() as store:
        manifest = back_up(store, folder, now())
    tables, originals = manifest["tables"], len(manifest["originals"])
    sentence = request.words("cli.backup", folder=folder, rows=sum(tables.values()), files=originals)
    return Answer({"tables": tables, "originals": originals, "version": manifest["version"]}, sentence)


@command("restore")
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
def restore(request: Request, folder: Path) -> Answer:
    """Read a backup into an empty store, every checksum looked at first."""
    with request.store() as store:
        tables = restore_backup(store, folder)
    return Answer({"tables": tables}, request.words("cli.restored", rows=sum(tables.values())))


@command("audit")
@click.option("--since", help="A day or a moment, ISO.")
def audit(request: Request, since: str | None) -> Answer:
    """Who did what when, for every write: account ids and numbers of deposits, nothing else."""
    moment = read_moment(since, "--since", time.min)
    with request.store() as store:
        rows = load_audit(store, moment)
    lines = [f"{at:%Y-%m-%d %H:%M:%S}Z  {by}  {what}  {of}" for _, at, by, what, of in rows.rows()]
    return Answer({"audit": rows.to_dicts()}, "\n".join(lines) or request.words("cli.nothing"))
