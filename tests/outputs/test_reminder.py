"""The message that asks for figures, word for word."""

from __future__ import annotations

from outputs.reminder import Wanted, write_reminder
from texts import load_words

ADDRESS = "https://cap.example.org/deposer?territoire=FR-99-LILAS"
DUE = Wanted("Jeunes engagés", "T4 2026", "1er février 2027", False)
PAST = Wanted("Délai médian", "T3 2026", "2 novembre 2026", True)


def test_one_figure_that_is_due() -> None:
    assert write_reminder(load_words("fr"), "Cité des Lilas", [DUE], ADDRESS).splitlines() == [
        "Bonjour,",
        "",
        "Il nous manque encore un chiffre pour «\u00a0Cité des Lilas\u00a0»\u00a0:",
        "- Jeunes engagés, T4 2026, attendu jusqu’au 1er février 2027",
        "",
        f"Le dépôt se fait ici\u00a0: {ADDRESS}",
        "Si un chiffre n’existe pas, un mot suffit\u00a0: "
        "nous le noterons «\u00a0non disponible\u00a0», avec la raison.",
        "",
        "Merci beaucoup, et à bientôt.",
    ]


def test_what_is_late_is_said_without_a_reproach() -> None:
    said = write_reminder(load_words("fr"), "Cité des Lilas", [PAST, DUE], ADDRESS)
    assert "Il nous manque encore 2 chiffres pour «\u00a0Cité des Lilas\u00a0»\u00a0:" in said
    assert "- Délai médian, T3 2026, qui était attendu jusqu’au 2 novembre 2026\n- Jeunes engagés" in said
    assert "Un envoi en retard est le bienvenu." in said


def test_in_english() -> None:
    said = write_reminder(load_words("en"), "Cité des Lilas", [DUE], ADDRESS)
    assert said.startswith(
        "Hello,\n\nWe still miss a figure for Cité des Lilas:\n- Jeunes engagés, T4 2026, awaited until"
    )
