from harness.report.figures.palette import LOOKS, look
from methods.registry import methods


def test_every_method_has_a_colour_and_a_marker_of_its_own():
    looks = [look(name) for name in methods()]
    assert (
        len({each.colour for each in looks}) == len({each.marker for each in looks}) == len(looks)
    )


def test_a_method_of_another_package_always_looks_the_same_and_like_no_other():
    assert look("theirs") == look("theirs")
    assert look("theirs").colour not in {each.colour for each in LOOKS.values()}
