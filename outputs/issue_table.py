"""What is wrong with a file as a table: to sort, to share out among colleagues, to tick off."""

from __future__ import annotations

import polars as pl

from outputs.dictionary import encode_csv
from schemas.issue import Code, Issue, Issues
from texts import Words
from texts.sentences import say_each

COLUMNS = ("row", "column", "found", "severity", "cause", "what", "guide")
"""Their headings are `issue_table.<column>` in the words."""
IS_PERSONAL = pl.col("code").is_in([Code.PERSONAL_DATA.value, Code.MAYBE_PERSONAL_DATA.value])


def write_issue_table(issues: Issues, words: Words, guide_url: str) -> bytes:
    """A CSV for people, one row an issue in the order of the file, with a link to its place in the guide.

    `guide_url` is the address of the guide, without anchor. What was found is written as it stood in the file, never
    taken for a formula, and never said of personal data.
    """
    ordered = issues.in_order()
    met = [Code(code) for code in ordered.frame["code"].unique()]
    said = {
        "severity": {code: words(f"issue_table.{Issue(code).severity}") for code in met},
        "cause": {code: words(f"guide.{code}.title") for code in met},
        "guide": {code: f"{guide_url}#{code}" for code in met},
    }
    columns = ordered.frame.select(
        pl.col("row").cast(pl.String).fill_null(""),
        pl.col("column").fill_null(""),
        found=pl.when(~IS_PERSONAL).then("found").fill_null(""),
        **{name: pl.col("code").replace_strict(of_code, return_dtype=pl.String) for name, of_code in said.items()},
    )
    rows = columns.with_columns(what=pl.Series(say_each(words, ordered), dtype=pl.String)).select(COLUMNS).rows()
    return encode_csv([[words(f"issue_table.{column}") for column in COLUMNS], *rows])
