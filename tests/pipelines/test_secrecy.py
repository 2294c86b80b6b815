"""The attacker against the whole program: everything an audience can obtain, now and as of every earlier version."""

from __future__ import annotations

import io
import os
from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pytest
from mypy import api
from sent_files import NOW, ROOT, TILLEULS

from measures.disclosure import plan_masks
from measures.progress import measure_progress
from outputs.export import write_export
from pipelines.deposit import prepare_submission
from pipelines.store import (
    Store,
    load_goals,
    load_observations,
    load_revisions,
    load_sent,
    load_submissions,
    move_submission,
    open_store,
    save_catalogue,
    save_submission,
)
from pipelines.store.masks import read_unmasked
from schemas.catalogue import Catalogue
from schemas.observation import KEY, OBSERVATION_COLUMNS
from schemas.submission import SubmissionState
from schemas.words import Audience
from settings import Settings
from tests.measures.attacker import find_leaks
from tests.measures.programmes import SHEETS, make_programme
from texts import load_words

FULL = bool(os.environ.get("CAP_FULL_SIZE"))
PROGRAMMES, LARGEST = (100, 50) if FULL else (3, 5)
TERRITORIES_A_FILE = 8
FIGURES = ("numerator", "denominator", "value")
Seen = dict[tuple[object, ...], set[tuple[object, ...]]]


@pytest.fixture(scope="module")
def shares(request: pytest.FixtureRequest) -> Iterator[list[tuple[int, int, int]]]:
    """Cells, cells masked for what they are, cells masked to protect others: told at the end."""
    counts = [(0, 0, 0)]
    yield counts
    cells, small, secondary = (sum(column) for column in zip(*counts, strict=True))
    with request.config.pluginmanager.getplugin("capturemanager").global_and_fixture_disabled():
        print(  # noqa: T201 - the figure is for people
            f"\n{len(counts) - 1} programmes, {cells} cells: {small / max(cells, 1):.1%} masked for what they are, "
            f"{secondary / max(cells, 1):.1%} to protect them"
        )


@pytest.mark.parametrize("seed", range(PROGRAMMES))
def test_nothing_masked_can_be_worked_out(
    seed: int, tmp_path: Path, catalogue: Catalogue, shares: list[tuple[int, int, int]]
) -> None:
    """Deposit, correct, and take the correction back in every other programme; attack each version with all memory."""
    store = open_store(Settings(store_path=tmp_path / "cap.duckdb"), plan_masks)
    first, second = (make_programme(seed, largest=LARGEST, left=left) for left in (0, 9))
    known = catalogue_of(catalogue, first)
    save_catalogue(store, known, NOW)
    corrected = second.join(first, on=second.columns, how="anti", nulls_equal=True) if seed % 3 else second
    versions = []
    for cells, reason in ((first, None), (corrected, "people counted by mistake")):
        numbers = [
            deposit(store, known, cells.filter(pl.col("territory_code").is_in(some)), reason)
            for some in batched(sorted(set(cells["territory_code"])), TERRITORIES_A_FILE)
        ]
        versions.append(store.version())
    if seed % 2:
        move_submission(store, numbers[0], SubmissionState.WITHDRAWN, "coordinator", NOW, reason="the first was right")
        versions.append(store.version())
    territories = sorted(set(first["territory_code"]))
    harmless: set[str] = set()
    for audience in Audience:
        seen: Seen = {}
        for version in versions:
            rows = obtain(store, known, territories, audience, version, seen)
            truth = load_observations(store, territories, Audience.TERRITORY, as_of=version)
            if audience is Audience.TERRITORY:
                truth = rows.filter(~pl.col("is_masked"))
            leaks = find_leaks(rows, remember(rows, truth, seen), harmless)
            assert leaks == [], (audience, version, leaks[:3])
    masks = store.cursor().execute("SELECT * FROM masks_at(1000, 'public')").pl()
    secondary = masks.filter(mask_reason="secondary").height
    shares.append((first.select(KEY).unique().height, masks.height - secondary, secondary))
    store.close()


def test_rows_that_nobody_was_asked_about_are_no_frame(store: Store, tmp_path: Path) -> None:
    """What reads the store before masking gives an object that no measure, chart or export takes."""
    query = "SELECT * FROM observations_at(1, NULL, NULL)"
    rows = read_unmasked(store.cursor(), query, {})
    assert {name for name in dir(rows) if not name.startswith("_")} == {"values_of"}
    goals = load_goals(store, [TILLEULS], Audience.PUBLIC)
    with pytest.raises((AttributeError, TypeError)):
        measure_progress(rows, goals, NOW.date())  # type: ignore[arg-type]
    with pytest.raises(KeyError):
        rows.values_of("value")
    snippet = (
        "from pipelines.store.masks import Unmasked\nfrom measures.progress import measure_progress\nimport polars\n"
        "def show(rows: Unmasked, goals: polars.DataFrame) -> polars.DataFrame:\n"
        "    import datetime\n    return measure_progress(rows, goals, datetime.date.today())\n"
    )
    wrong = tmp_path / "wrong.py"
    wrong.write_text(snippet, "utf-8")
    said, _, code = api.run(["--config-file", str(ROOT / "pyproject.toml"), str(wrong)])
    assert code == 1
    assert 'incompatible type "Unmasked"; expected "DataFrame"' in said


def test_no_other_module_opens_unmasked_rows() -> None:
    opened = [
        str(path.relative_to(ROOT))
        for room in ("app.py", "commands", "measures", "outputs", "pages", "pipelines", "web")
        for path in sorted((ROOT / room).rglob("*.py") if (ROOT / room).is_dir() else [ROOT / room])
        if "._rows" in path.read_text("utf-8") and "Unmasked" in path.read_text("utf-8")
    ]
    assert opened == ["pipelines/store/masks.py"]


def test_a_store_that_was_masked_by_older_rules_is_planned_anew(tmp_path: Path, catalogue: Catalogue) -> None:
    settings = Settings(store_path=tmp_path / "cap.duckdb")
    store = open_store(settings, plan_masks)
    cells = make_programme(1, largest=4)
    known = catalogue_of(catalogue, cells)
    save_catalogue(store, known, NOW)
    deposit(store, known, cells)
    with store.transaction() as cursor:
        cursor.execute("DELETE FROM mask WHERE reason = 'secondary'")
        cursor.execute("UPDATE mask_rules SET rules = 1")
    version = store.version()
    store.close()
    store = open_store(settings, plan_masks)
    masks = store.cursor().execute("SELECT * FROM masks_at(1000, 'public')").pl()
    assert (masks["mask_reason"] == "secondary").any()
    assert store.version() == version + 1
    store.close()
    store = open_store(settings, plan_masks)
    assert store.version() == version + 1
    store.close()


def batched(codes: list[str], size: int) -> list[list[str]]:
    return [codes[at : at + size] for at in range(0, len(codes), size)]


def catalogue_of(catalogue: Catalogue, cells: pl.DataFrame) -> Catalogue:
    """The reference catalogue with the territories, quartiers and sheets of an invented programme."""
    places = cells.select("territory_code", "qpv_code").unique().sort("territory_code", "qpv_code")
    tables = catalogue.tables()
    quartiers = places.filter(pl.col("qpv_code") != "")

    def like_first(table: str, **known: pl.Expr | pl.Series) -> pl.DataFrame:
        size = max(len(one) for one in known.values() if isinstance(one, pl.Series))
        rows = pl.concat([tables[table].head(1)] * size) if size else tables[table].clear()
        return rows.with_columns(**known)

    codes = places["territory_code"].unique().sort()
    sheets = [
        tables["indicators"]
        .filter(indicator_code="MOB-04" if sheet["unit"] == "count" else "JEU-01")
        .with_columns(
            indicator_code=pl.lit(code),
            is_sensitive=pl.lit(code == "SAN-05"),
            **{name: pl.lit(value) for name, value in sheet.items()},
        )
        .cast(dict(tables["indicators"].schema))  # type: ignore[arg-type]
        for code, sheet in SHEETS.items()
    ]
    empty = ("followed_indicators", "targets", "goals", "actions", "rounds", "partners", "collectives", "visions")
    return Catalogue(
        **tables
        | {name: tables[name].clear() for name in (*empty, "territory_challenges")}
        | {
            "territories": like_first("territories", territory_code=codes, name=codes),
            "quartiers": like_first("quartiers", qpv_code=quartiers["qpv_code"], name=quartiers["qpv_code"]),
            "territory_quartiers": like_first("territory_quartiers", **quartiers.to_dict()),
            "indicators": pl.concat(sheets),
        }
    )


def deposit(store: Store, catalogue: Catalogue, cells: pl.DataFrame, reason: str | None = None) -> str:
    """Send these cells as one CSV file of the programme, approved at once."""
    headings = {column.code: column.heading for column in OBSERVATION_COLUMNS}
    written = cells.with_columns(
        period=pl.col("period").str.replace("Q", "T"),
        value=pl.when(pl.col("unit") == "count").then("value"),
        source=pl.lit("Comptage"),
    )
    asked = [*KEY, *FIGURES, "conf_status", "source"]
    content = written.select(asked).rename({name: headings[name] for name in asked}).write_csv().encode()
    territories = sorted(set(catalogue.territories["territory_code"]))
    previous = load_observations(store, territories, Audience.TERRITORY)
    prepared = prepare_submission(content, "programme.csv", territories, catalogue, previous, clock=lambda: NOW)
    assert prepared.is_ready, list(prepared.issues)[:3]
    return save_submission(store, prepared, "officer", NOW, reason, approve=True).submission_id


def obtain(
    store: Store, catalogue: Catalogue, territories: list[str], audience: Audience, version: int, seen: Seen
) -> pl.DataFrame:
    """Everything an audience gets of a version goes to `seen`; returned is its export, read back from the file."""
    rows = load_observations(store, territories, audience, as_of=version)
    files = write_export(rows, pl.DataFrame(), catalogue, territories, audience, NOW, load_words("fr"))
    text = dict.fromkeys(KEY, pl.String) | dict.fromkeys(FIGURES, pl.Float64) | {"is_masked": pl.Boolean}
    exported = pl.read_csv(io.BytesIO(files["observations.csv"]), schema_overrides=text).with_columns(
        pl.col("qpv_code", "category").fill_null("")
    )
    progress = measure_progress(rows, load_goals(store, territories, audience, version), NOW.date())
    filtered = [
        load_observations(store, [place], audience, [code], version)
        for place in territories[:2]
        for code in (rows["indicator_code"].unique() if version == store.version() else ())
    ]
    revisions = load_revisions(store, territories, audience, as_of=version)
    sent = [
        frame
        for number in load_submissions(store, territories, version)["submission_id"]
        for frame in load_sent(store, number, territories, audience, version)
    ]
    for frame in (exported, progress, *filtered, revisions, *sent):
        told = frame.filter(pl.any_horizontal(pl.col(FIGURES).is_not_null()))
        for row in told.select(*KEY, *FIGURES).rows():
            seen.setdefault(row[: len(KEY)], set()).add(row[len(KEY) :])
    sheets = catalogue.indicators.select("indicator_code", "unit", k="k_threshold", source_kind="source_kind")
    k = pl.when(pl.col("source_kind") == "fiscal").then(pl.max_horizontal("k", pl.lit(11))).otherwise("k")
    return exported.join(sheets, on="indicator_code").with_columns(k=k)


def remember(rows: pl.DataFrame, truth: pl.DataFrame, seen: Seen) -> pl.DataFrame:
    """The masked cells whose figure of today was in sight at some time: who guesses that it stayed is right."""
    hidden = truth.join(rows.filter("is_masked"), on=KEY, how="semi").select(*KEY, *FIGURES)
    return hidden.filter(
        pl.Series([row[len(KEY) :] in seen.get(row[: len(KEY)], set()) for row in hidden.rows()], dtype=pl.Boolean)
    )
