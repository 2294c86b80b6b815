"""Figures to take away: CSV for programs, the dictionary of every column, a data package, a read-me."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any

import polars as pl

from outputs.dictionary import keep_as_written
from schemas.catalogue import Catalogue
from schemas.words import Audience
from texts import Words

OBSERVATIONS = (
    "territory_code",
    "qpv_code",
    "indicator_code",
    "indicator_version",
    "period",
    "period_start",
    "dimension",
    "category",
    "numerator",
    "denominator",
    "value",
    "is_masked",
    "obs_status",
    "source_status",
    "conf_status",
    "respondents",
    "response_rate",
    "reference_date",
    "source",
    "comment",
    "submission_id",
)
KEPT_INSIDE = ("comment", "submission_id")
"""Written for the people of a territory, not for the public."""
INDICATORS = (
    "indicator_code",
    "version",
    "valid_from",
    "label",
    "question",
    "definition",
    "unit",
    "polarity",
    "frequency",
    "source",
    "limits",
)
SUBMISSIONS = (
    "submission_id",
    "state",
    "sent_at",
    "filename",
    "sha256",
    "reason",
    "rows",
    "new_rows",
    "changed_rows",
    "unchanged_rows",
    "kept_rows",
    "left_rows",
)
TYPES = {pl.Float64: "number", pl.Int64: "integer", pl.Int32: "integer", pl.Date: "date", pl.Boolean: "boolean"}
LICENCE = {
    "name": "etalab-2.0",
    "title": "Licence Ouverte 2.0",
    "path": "https://www.etalab.gouv.fr/licence-ouverte-open-licence",
}


def write_export(
    observations: pl.DataFrame,
    submissions: pl.DataFrame,
    catalogue: Catalogue,
    territories: Sequence[str],
    audience: Audience,
    at: datetime,
    words: Words,
) -> dict[str, bytes]:
    """File name -> bytes: observations.csv, indicators.csv, submissions.csv (of a territory), dictionary.csv,
    datapackage.json and the read-me. `observations` are already masked for the audience: a masked cell is empty and
    `is_masked`. CSV for programs: UTF-8, `,`, a decimal point, ISO dates; no cell is a formula."""
    hidden = KEPT_INSIDE if audience is Audience.PUBLIC else ()
    tables = {
        "observations": observations.select(name for name in OBSERVATIONS if name not in hidden),
        "indicators": _list_indicators(catalogue, observations["indicator_code"].unique(), words),
    }
    if len(submissions):
        tables["submissions"] = submissions.select(SUBMISSIONS).sort("sent_at", "submission_id")
    files = {f"{name}.csv": _write_csv(rows.columns, rows.iter_rows()) for name, rows in tables.items()}
    lines = [(table, column, words(f"export.{column}")) for table, rows in tables.items() for column in rows.columns]
    files["dictionary.csv"] = _write_csv(("file", "column", "meaning"), lines)
    names = [catalogue.territory_name(code) for code in territories]
    package = _describe(tables, names, audience, at, words)
    files["datapackage.json"] = (json.dumps(package, ensure_ascii=False, indent=2) + "\n").encode("utf-8")
    files[words("export.readme_name")] = _write_readme(names, audience, at, words, catalogue.is_invented(territories))
    return files


def _list_indicators(catalogue: Catalogue, codes: pl.Series, words: Words) -> pl.DataFrame:
    sheets = catalogue.indicators.filter(pl.col("indicator_code").is_in(codes.implode()))
    named = {
        name: pl.col(f"{name}_{words.language}") for name in INDICATORS if f"{name}_{words.language}" in sheets.columns
    }
    return sheets.with_columns(**named).select(INDICATORS).sort("indicator_code", "version")


def _write_csv(header: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(header)
    writer.writerows([_as_cell(cell) for cell in row] for row in rows)
    return text.getvalue().encode("utf-8")


def _as_cell(cell: object) -> str:
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, float):
        return f"{cell:.15g}"
    if isinstance(cell, date | datetime):
        return cell.isoformat()
    text = str(cell)
    return f"'{text}" if keep_as_written(text).startswith("'") and not text.startswith("'") else text


def _describe(
    tables: dict[str, pl.DataFrame], names: Sequence[str], audience: Audience, at: datetime, words: Words
) -> dict[str, Any]:
    """The data package (https://specs.frictionlessdata.io/data-package)."""
    resources = [
        {
            "name": name,
            "path": f"{name}.csv",
            "profile": "tabular-data-resource",
            "encoding": "utf-8",
            "schema": {
                "fields": [
                    {"name": column, "type": TYPES.get(type(kind), "string"), "description": words(f"export.{column}")}
                    for column, kind in ((column, kind) for column, kind in rows.schema.items())
                ]
            },
        }
        for name, rows in tables.items()
    ]
    return {
        "profile": "tabular-data-package",
        "name": "cap-commun-export",
        "title": words("export.title", territories=", ".join(names)),
        "created": at.isoformat(),
        "audience": audience.value,
        **({"licenses": [LICENCE]} if audience is Audience.PUBLIC else {}),
        "resources": resources,
    }


def _write_readme(names: Sequence[str], audience: Audience, at: datetime, words: Words, is_invented: bool) -> bytes:
    lines = [
        f"# {words('export.title', territories=', '.join(names))}",
        words("export.at", at=words.moment(at)),
        *([words("demo.badge")] if is_invented else []),
        words(f"export.audience.{audience}"),
        words("export.masked"),
        words("export.files"),
        words("export.reading"),
    ]
    return ("\n\n".join(lines) + "\n").encode("utf-8")
