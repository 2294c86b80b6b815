"""Two thousand rows as an officer's spreadsheet has them, from the bytes to every sentence of the report.

A title, merged headings on two lines, territory names merged downwards, percents, `nc`, thousands apart, a total and a
note; a tenth of the rows at fault.
"""

from __future__ import annotations

import io
from pathlib import Path
from tempfile import TemporaryDirectory

import xlsxwriter

from measures.disclosure import plan_masks
from measures.plausibility import check_plausibility
from outputs.annotated import write_annotated
from pipelines.deposit import add_warnings, prepare_submission
from pipelines.store import load_observations, open_store
from schemas.submission import PreparedSubmission
from schemas.words import Audience
from settings import Settings
from tests.bench.many_rows import INDICATORS, NOW, SPELLED_IN_WORDS, make_catalogue
from tests.bench.rounds import say, time_rounds
from texts import load_words
from texts.sentences import list_causes

ROWS = 2000
FAULTS = {0: ("JEU-99", 1), 1: ("T9 2026", 2), 2: ("martiens", 4), 3: ("#DIV/0!", 5), 4: ("", 8)}
HEADINGS = ("Code du territoire", "Code indicateur", "Période", "Ventilation", "Modalité")


def make_workbook() -> tuple[bytes, list[str]]:
    """The workbook and its territories."""
    content = io.BytesIO()
    per_territory = len(INDICATORS) * len(SPELLED_IN_WORDS)
    territories = [f"FR-98-T{number:05}" for number in range(ROWS // per_territory + 1)]
    with xlsxwriter.Workbook(content, {"in_memory": True}) as workbook:
        sheet, percent = workbook.add_worksheet("Suivi"), workbook.add_format({"num_format": "0.0%"})
        sheet.merge_range(0, 0, 0, 8, "Suivi trimestriel du collectif (données inventées)")
        for column, heading in enumerate(HEADINGS):
            sheet.merge_range(1, column, 2, column, heading)
        sheet.merge_range(1, 5, 1, 6, "Effectifs")
        sheet.write_row(2, 5, ["Numérateur", "Dénominateur", "Valeur", "Source"])
        for at in range(ROWS):
            numerator, denominator = 40 + at % 50, 1000 + at % 200
            period = SPELLED_IN_WORDS[at // len(INDICATORS) % len(SPELLED_IN_WORDS)]
            cells = [territories[at // per_territory], INDICATORS[at % len(INDICATORS)], period, "total", ""]
            cells += [str(numerator), f"{denominator:,}".replace(",", "\u202f"), "nc" if at % 40 == 7 else "", "PLIE"]
            if at % 10 == 0:
                fault, column = FAULTS[at // 10 % len(FAULTS)]
                cells[column] = fault
            sheet.write_row(3 + at, 0, cells)
            if at % 3 == 0:
                sheet.write_number(3 + at, 7, numerator / denominator, percent)
        sheet.write_row(3 + ROWS, 0, ["Total", "", "", "", "", ROWS])
        sheet.write(5 + ROWS, 0, "Source : collectif")
    return content.getvalue(), territories


def main() -> None:
    content, territories = make_workbook()
    catalogue, words = make_catalogue(len(territories)), load_words("fr")
    with TemporaryDirectory() as folder:
        store = open_store(Settings(store_path=Path(folder) / "cap.duckdb"), plan_masks)
        previous = load_observations(store, territories, Audience.TERRITORY)
        store.close()

    def check() -> PreparedSubmission:
        prepared = prepare_submission(content, "suivi.xlsx", territories, catalogue, previous, lambda: NOW)
        prepared = add_warnings(prepared, check_plausibility(prepared.rows, previous, catalogue))
        assert list_causes(words, prepared.issues)
        return prepared

    prepared = check()
    seconds = time_rounds(
        {
            "report": check,
            "annotated": lambda: write_annotated(content, prepared.reading, prepared.issues, words),
        },
        7,
    )
    say(
        f"messy workbook of {ROWS} rows, {len(prepared.issues)} issues: seconds to the report", seconds["report"], "< 1"
    )
    say("  and to the annotated copy, made when it is asked for", seconds["annotated"], "-")


if __name__ == "__main__":
    main()
