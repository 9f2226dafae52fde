from harness.report.figures.palette import LOOKS, look
from methods.registry import methods


def test_every_method_has_a_colour_and_a_marker_of_its_own():
    looks = [look(name) for name in methods()]
    assert (
        len({each.colour for each in looks}) == len({each.marker for each in looks}) == len(looks)
    )


def test_an_unknown_method_always_gets_the_same_spare_look():
    assert look("theirs") == look("theirs")
    assert look("theirs").colour not in {each.colour for each in LOOKS.values()}
