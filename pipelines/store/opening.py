"""Open a store, whole and masked by the rules of today."""

from __future__ import annotations

from datetime import UTC, datetime

from pipelines.store.connection import PlanMasks, Store, open_file
from pipelines.store.masks import plan_again
from settings import Settings


def open_store(settings: Settings, plan_masks: PlanMasks) -> Store:
    """As `open_file`; masks that were planned by older rules are planned anew before anybody reads."""
    store = open_file(settings, plan_masks)
    try:
        plan_again(store, datetime.now(UTC))
    except BaseException:
        store.close()
        raise
    return store
