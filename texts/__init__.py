"""Words: gettext catalogues (French first, English second), numbers, dates and sentences."""

from texts.words import LANGUAGES, Words, choose_language, load_words

__all__ = ["LANGUAGES", "Words", "choose_language", "load_words"]
