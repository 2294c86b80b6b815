"""Charts: what is drawn for a gap, a masked cell, counts, a band; and the small curve."""

from __future__ import annotations

import base64
from datetime import date
from xml.etree import ElementTree

import pytest

from outputs.charts import draw_comparison, draw_trajectory
from outputs.curve import draw_curve
from outputs.look import GROUND
from schemas.words import Display
from tests.texts.test_sentences import ROW
from texts import load_words

FR = load_words("fr")
PERIODS = ["2025-Q1", "2025-Q2", "2025-Q3", "2025-Q4"]


def rows(**of_third: object) -> list[dict[str, object]]:
    """Four quarters; the third can be changed."""
    made = [
        ROW
        | {"period": period, "value": 20.0 + at, "low": 15.0 + at, "high": 26.0 + at, "expected": 20.0 + at / 2}
        | {"is_latest": at == 3, "shape": "linear", "ref_period": "2025-Q1", "due_period": "2026-Q4"}
        for at, period in enumerate(PERIODS)
    ]
    made[2] |= of_third
    return made


GAP = {"value": None, "low": None, "high": None, "display": Display.NO_VALUE}


def texts_of(figure: object) -> list[str]:
    """All words in the drawing: beside points, over marks, over or under an axis."""
    layout = figure.layout  # type: ignore[attr-defined]
    beside = [text for trace in figure.data if trace.text for text in trace.text]  # type: ignore[attr-defined]
    over = [shape.label.text for shape in layout.shapes]
    return [text for text in [*beside, *over, layout.title.text, layout.xaxis.title.text] if text]


def test_a_gap_stays_a_gap_and_says_so() -> None:
    figure = draw_trajectory(rows(**GAP), FR)
    observed = next(trace for trace in figure.data if trace.connectgaps is False)
    assert list(observed.y[:4]) == [20.0, 21.0, None, 23.0]
    assert "n.d." in texts_of(figure)
    assert sum(trace.fill == "toself" for trace in figure.data) == 2


def test_a_masked_period_says_s_and_has_no_number() -> None:
    figure = draw_trajectory(rows(**GAP | {"display": Display.MASKED, "is_masked": True}), FR)
    assert "s" in texts_of(figure)


def test_a_quarter_that_never_came_is_a_gap() -> None:
    figure = draw_trajectory([row for row in rows() if row["period"] != "2025-Q3"], FR)
    observed = next(trace for trace in figure.data if trace.connectgaps is False)
    assert (observed.x[2], observed.y[2]) == ("2025-Q3", None)


def test_points_of_small_numbers_are_not_joined() -> None:
    figure = draw_trajectory(rows(display=Display.COUNTS_ONLY), FR)
    assert next(trace for trace in figure.data if trace.connectgaps is False).mode == "markers"


def test_the_ends_of_lines_are_labelled_and_nothing_is_small() -> None:
    figure = draw_trajectory(rows(), FR, [(date(2025, 5, 6), "Permanence")])
    said = " ".join(texts_of(figure))
    for words in ("Cible 30\u00a0%", "fin 2026", "entre 18 et 29\u00a0%", "départ 22\u00a0%", "◆ Permanence"):
        assert words in said
    assert min(size for trace in figure.data if trace.text for size in trace.textfont.size) >= 14
    assert min(shape.label.font.size for shape in figure.layout.shapes) >= 14
    assert figure.layout.showlegend is False


def test_the_axis_goes_on_to_the_due_period() -> None:
    figure = draw_trajectory(rows(), FR)
    assert figure.layout.xaxis.categoryarray[-1] == "2026-Q4"


def test_a_narrow_screen_has_few_ticks_and_marks_without_words() -> None:
    figure = draw_trajectory(rows(), FR, [(date(2025, 5, 6), "Permanence")], is_narrow=True)
    assert len(figure.layout.xaxis.tickvals) <= 3
    assert "◆" in texts_of(figure)
    assert "◆ Permanence" not in texts_of(figure)


def test_a_comparison_keeps_the_order_given() -> None:
    two = [ROW | {"name": name, "ref_value": 20.0} for name in ("Bellevue", "Les Lilas")]
    figure = draw_comparison(two, FR)
    assert list(figure.layout.yaxis.categoryarray) == ["Les Lilas", "Bellevue"]  # the axis runs upwards
    assert [list(trace.x) for trace in figure.data[-2:]] == [[20.0, 20.0], [35.0, 35.0]]


def test_an_axis_that_does_not_begin_at_zero_says_so() -> None:
    assert "axe tronqué" in texts_of(draw_comparison([ROW | {"name": "A"}], FR))
    assert "axe tronqué" not in texts_of(draw_comparison([ROW | {"name": "A", "low": 0.5, "ref_value": 1.0}], FR))
    assert "axe tronqué" in texts_of(draw_trajectory(rows(), FR))


def svg_of(curve: str) -> ElementTree.Element:
    return ElementTree.fromstring(base64.b64decode(curve.removeprefix("data:image/svg+xml;base64,")))


@pytest.mark.parametrize(
    ("of_third", "lines"),
    [pytest.param({}, 1, id="whole"), pytest.param(GAP, 1, id="gap_leaves_one_point_alone")],
)
def test_the_small_curve(of_third: dict[str, object], lines: int) -> None:
    svg = svg_of(draw_curve(rows(**of_third), FR))
    tag = "{http://www.w3.org/2000/svg}"
    solid = [line for line in svg.iter(f"{tag}polyline") if "stroke-dasharray" not in line.attrib]
    assert len(solid) == lines
    words = [text.text for text in svg.iter(f"{tag}text")]
    assert words == ["30\u00a0%", "T1 2025", "T4 2025"]


def test_a_curve_without_figures_is_empty_and_stands() -> None:
    assert list(svg_of(draw_curve([], FR))) == []


def test_an_earlier_value_is_a_hollow_point_of_its_own() -> None:
    """Never joined, inside the frame, and not there where nothing was corrected."""

    def hollow(figure: object) -> list[tuple[object, ...]]:
        traces = [trace for trace in figure.data if trace.mode == "markers" and trace.marker.color == GROUND]  # type: ignore[attr-defined]
        return [(point, value) for trace in traces for point, value in zip(trace.x, trace.y, strict=True)]

    plain = draw_trajectory(rows(), FR)
    revised = draw_trajectory(
        rows(), FR, earlier=[{"period": "2025-Q2", "value": 60.0}, {"period": "2025-Q3", "value": None}]
    )
    assert [point for point in hollow(revised) if point not in hollow(plain)] == [("2025-Q2", 60.0)]
    assert revised.layout.yaxis.range[1] > 60.0
    observed = next(trace for trace in revised.data if trace.connectgaps is False)
    assert list(observed.y[:4]) == [20.0, 21.0, 22.0, 23.0]


class TestWhatHappened:
    """Events (◇) beside what was done (◆)."""

    def test_an_event_stands_at_its_quarter_with_its_sign(self) -> None:
        figure = draw_trajectory(
            rows(), FR, [(date(2025, 5, 6), "Permanence")], events=[(date(2025, 9, 1), "Ouverture du tram")]
        )
        assert [(shape.x0, shape.label.text.split("<br>")[0]) for shape in figure.layout.shapes] == [
            (1, "◆ Permanence"),
            (2, "◇ Ouverture du tram"),
        ]

    def test_an_event_off_the_axis_is_left_out(self) -> None:
        assert not draw_trajectory(rows(), FR, events=[(date(2019, 9, 1), "Avant tout")]).layout.shapes

    def test_a_long_label_is_cut_and_many_marks_keep_their_signs_only(self) -> None:
        long = [(date(2025, 5, 6), "Le guichet de France services a fermé pendant six semaines")]
        (shape,) = draw_trajectory(rows(), FR, events=long).layout.shapes
        assert shape.label.text == "◇ Le guichet de France services a fermé penda…"
        many = draw_trajectory(rows(), FR, events=[(date(2025, 5, day), "Encore") for day in range(1, 8)])
        assert {shape.label.text.split("<br>")[0] for shape in many.layout.shapes} == {"◇"}
