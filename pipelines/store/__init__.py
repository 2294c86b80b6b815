"""The only room that imports duckdb: rows in, rows out, each load for an audience and a moment."""

from pipelines.store.catalogue import load_catalogue, load_whole_catalogue, save_catalogue
from pipelines.store.commentary import TooLong, load_commentary, load_writing, save_commentary
from pipelines.store.connection import Store, StoreBusy, StoreInUse, StoreUnusable
from pipelines.store.drafts import Draft, load_drafts, save_draft
from pipelines.store.goals import load_goals
from pipelines.store.mappings import load_mappings, save_mapping
from pipelines.store.masks import count_masked
from pipelines.store.observations import load_observations, load_revisions
from pipelines.store.opening import open_store
from pipelines.store.originals import OriginalMissing, has_original, load_original, read_original
from pipelines.store.receipts import (
    list_moments,
    load_deliveries,
    load_issues,
    load_receipt,
    load_sent,
    load_sources,
    load_submissions,
)
from pipelines.store.repairs import DraftEnded, load_repairs, save_repairs
from pipelines.store.settings import load_approval_at_once, save_approval_at_once
from pipelines.store.submissions import (
    NamesSomebody,
    PreviewOutdated,
    ReasonNeeded,
    WrongMove,
    discard_draft,
    move_submission,
    save_submission,
)

__all__ = [
    "Draft",
    "DraftEnded",
    "NamesSomebody",
    "OriginalMissing",
    "PreviewOutdated",
    "ReasonNeeded",
    "Store",
    "StoreBusy",
    "StoreInUse",
    "StoreUnusable",
    "TooLong",
    "WrongMove",
    "count_masked",
    "discard_draft",
    "has_original",
    "list_moments",
    "load_approval_at_once",
    "load_catalogue",
    "load_commentary",
    "load_deliveries",
    "load_drafts",
    "load_goals",
    "load_issues",
    "load_mappings",
    "load_observations",
    "load_original",
    "load_receipt",
    "load_repairs",
    "load_revisions",
    "load_sent",
    "load_sources",
    "load_submissions",
    "load_whole_catalogue",
    "load_writing",
    "move_submission",
    "open_store",
    "read_original",
    "save_approval_at_once",
    "save_catalogue",
    "save_commentary",
    "save_draft",
    "save_mapping",
    "save_repairs",
    "save_submission",
]
