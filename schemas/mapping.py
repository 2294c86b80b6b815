"""How a foreign table becomes observations: what a mapping file says."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True)
class Mapping:
    """A wide table: one series a row, one period a column, perhaps a row of status words under each series.

    `territories` names the area of each text of `territory_column`; a row whose text is `status_label` holds the
    file's own status words for the row above; `statuses` says what those words mean here.
    """

    name: str
    indicator_code: str
    source: str
    territory_column: str
    territories: dict[str, str]
    period_columns: str = r"^\d{4}-?[TQ][1-4]$"
    status_label: str | None = None
    statuses: dict[str, str] = field(default_factory=dict)
    catalogue: Path | None = None
    digest: str = ""
