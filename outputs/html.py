"""Pieces of page as HTML (Jinja2, everything escaped): the same words and figures wherever they are shown."""

from __future__ import annotations

from pathlib import Path

import jinja2

from texts import Words
from texts import sentences as say

_ENVIRONMENT = jinja2.Environment(
    loader=jinja2.FileSystemLoader(Path(__file__).parent / "templates"),
    autoescape=True,
    trim_blocks=True,
    lstrip_blocks=True,
    undefined=jinja2.StrictUndefined,
    auto_reload=False,
)


def write_html(template: str, words: Words, **values: object) -> str:
    """Fill `templates/<template>.html`; `words` and the sentences of `texts` (as `say`) are at hand there."""
    return _ENVIRONMENT.get_template(f"{template}.html").render(words=words, say=say, **values)
