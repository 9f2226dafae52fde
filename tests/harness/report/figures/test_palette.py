import re
from pathlib import Path

from matplotlib.markers import MarkerStyle

from harness.report.figures.palette import ADDED_MARKERS, LOOKS, SPARE, Look, look
from methods.registry import FORMS, methods

CHART = Path(__file__).parents[4] / "harness/report/page/assets/scripts/charts/chart.js"


def test_every_method_has_a_colour_and_a_marker_of_its_own():
    looks = list(LOOKS.values())
    assert (
        len({each.colour for each in looks}) == len({each.marker for each in looks}) == len(looks)
    )
    assert len({look(name) for name in methods()}) == len(methods())


def test_a_graph_that_lists_lead_to_has_the_colour_of_the_lists():
    for name in ("ivf", "ehi", "ehi-frozen", "ivf+router"):
        assert look(f"{name}+hnsw") == Look(look(name).colour, look("hnsw").marker)


def test_an_unknown_method_always_gets_the_same_spare_look():
    assert look("theirs") == look("theirs")
    assert look("theirs").colour not in {each.colour for each in LOOKS.values()}


def test_a_form_has_the_colour_of_its_method_and_a_marker_of_its_own():
    names = ["ivf", *(f"ivf+{form}" for form in FORMS)]
    assert {look(name).colour for name in names} == {look("ivf").colour}
    assert len({look(name).marker for name in names}) == len(names)


def test_every_marker_is_filled_and_the_page_can_draw_it():
    markers = {each.marker for each in (*LOOKS.values(), *SPARE)} | set(ADDED_MARKERS.values())
    assert markers <= set(MarkerStyle.filled_markers)  # its white edge would hide another
    shapes = CHART.read_text().partition("const SHAPES = {")[2].partition("};")[0]
    assert markers <= set(re.findall(r'^ *"?(.)"?: "M', shapes, flags=re.MULTILINE))
