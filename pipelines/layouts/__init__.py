"""Foreign shapes of a table: which one it is, what has to be asked about it, and its rows as observations."""

from pipelines.layouts.mapping import MappingError, answer_questions, mapping_from_text, mapping_to_text, read_mapping
from pipelines.layouts.recognise import name_layout, recognise_layout
from pipelines.layouts.shape import NOTHING_KEPT, KeptMappings, Shape, shape_table
from pipelines.layouts.unfold import Unfolded, unfold_table

__all__ = [
    "NOTHING_KEPT",
    "KeptMappings",
    "MappingError",
    "Shape",
    "Unfolded",
    "answer_questions",
    "mapping_from_text",
    "mapping_to_text",
    "name_layout",
    "read_mapping",
    "recognise_layout",
    "shape_table",
    "unfold_table",
]
