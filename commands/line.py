"""The line itself: options that every command has, what is printed, the exit code."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from contextlib import redirect_stdout
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from commands.owner import AnswerMissing, OwnerSilent, ask_owner
from commands.request import IN_USE, UNUSABLE, Answer, Request, Said, carry_out
from pipelines.store import Store, StoreInUse
from schemas.account import COMMAND_LINE
from settings import Settings, read_settings
from texts import LANGUAGES, load_words

COMMANDS: dict[str, Callable[..., Answer]] = {}
"""Every command's function by its name: what the store's owner carries out for others."""

territory_option = click.option("--territory", "territories", multiple=True, help="May be repeated.")
sheet_option = click.option("--sheet", help="The sheet of a workbook, where it has several.")
mapping_option = click.option("--mapping", "mapping_path", type=click.Path(exists=True, path_type=Path))
as_of_option = click.option("--as-of", type=str, help="A day or a moment, ISO: what was known then.")
by_option = click.option("--by", default=COMMAND_LINE, help="Account of the person.")
a_file = click.Path(exists=True, dir_okay=False, path_type=Path)
a_folder = click.Path(file_okay=False, path_type=Path)


class OneLine(click.Group):
    """A group of commands that says what is wrong with a request in one line."""

    def main(self, *args: Any, **extra: Any) -> Any:
        try:
            return super().main(*args, **{**extra, "standalone_mode": False})
        except click.ClickException as error:
            _finish(Said("", error.format_message(), UNUSABLE))
        except click.Abort:
            _finish(Said("", "Interrupted.", UNUSABLE))


@click.group(
    cls=OneLine,
    help="""The command line: `python -m pipelines COMMAND`.

    Exit codes: 0 done, 1 blocking issues found, 2 file or request unusable, 3 store in use.""",
)
def cli() -> None:
    pass


def command(name: str, group: click.Group = cli) -> Callable[[Callable[..., Answer]], click.Command]:
    """Register a function (request, options) -> Answer under a name; its parameters are written above it."""

    def register(function: Callable[..., Answer]) -> click.Command:
        full = name if group is cli else f"{group.name} {name}"
        COMMANDS[full] = function

        @click.option("--store", "store_path", type=click.Path(path_type=Path), help="Store file (default: CAP_STORE).")
        @click.option(
            "--lang", "language", type=click.Choice(LANGUAGES), default="fr", help="Language of the sentences."
        )
        @click.option("--json", "as_json", is_flag=True, help="One JSON object on standard output.")
        def run(store_path: Path | None, language: str, as_json: bool, **options: Any) -> None:
            _finish(_run(full, store_path, language, as_json, options))

        run.__doc__ = function.__doc__
        run.__click_params__ = [*getattr(function, "__click_params__", []), *run.__click_params__]  # type: ignore[attr-defined]
        return group.command(name=name)(run)

    return register


def _run(name: str, store_path: Path | None, language: str, as_json: bool, options: dict[str, Any]) -> Said:
    words = load_words(language)
    try:
        settings = read_settings(os.environ)
    except ValueError as error:
        return Said("", str(error), UNUSABLE)
    settings = replace(settings, store_path=store_path or settings.store_path)
    request = Request(settings, words)
    try:
        with redirect_stdout(sys.stderr):  # what a library prints is no part of the answer
            return carry_out(COMMANDS[name], request, as_json, options)
    except StoreInUse as error:
        by = error.owner or words("cli.someone")
        try:
            said = ask_owner(settings.store_path, name, language, as_json, options)
        except OwnerSilent:
            return Said("", words("cli.store_in_use", path=error.path, by=by), IN_USE)
        except AnswerMissing:
            return Said("", words("cli.no_answer", path=error.path, by=by), IN_USE)
        return replace(said, err="\n".join(filter(None, [words("cli.by_owner", path=error.path, by=by), said.err])))


def answer_for_others(name: str, settings: Settings, store: Store, asked: dict[str, Any]) -> Said:
    """What the owner of the store answers: the same words as the command line."""
    if name not in COMMANDS:
        return Said("", f"{name}: unknown command", UNUSABLE)
    request = Request(settings, load_words(asked["language"]), store)
    return carry_out(COMMANDS[name], request, asked["as_json"], asked["options"])


def _finish(said: Said) -> None:
    if said.err:
        click.echo(said.err, err=True)
    if said.out:
        click.echo(said.out)
    sys.exit(said.code)
