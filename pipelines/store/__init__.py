"""The only room that imports duckdb: rows in, rows out, each load for an audience and a moment."""

from pipelines.store.catalogue import load_catalogue, save_catalogue
from pipelines.store.connection import Store, StoreInUse, StoreUnusable, open_store
from pipelines.store.goals import load_goals
from pipelines.store.mappings import load_mappings, save_mapping
from pipelines.store.observations import load_observations
from pipelines.store.submissions import PreviewOutdated, load_submissions, save_submission

__all__ = [
    "PreviewOutdated",
    "Store",
    "StoreInUse",
    "StoreUnusable",
    "load_catalogue",
    "load_goals",
    "load_mappings",
    "load_observations",
    "load_submissions",
    "open_store",
    "save_catalogue",
    "save_mapping",
    "save_submission",
]
