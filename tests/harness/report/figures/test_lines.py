from harness.report.figures.lines import joint_front, lines
from harness.report.rows.frontier import AXES
from tests.harness.report.fake_run import row

VISITED = AXES[0]
ROWS = [
    row("exact", None, 0.9),
    *(row("ngt", 0.01, 0.3), row("ngt", 0.05, 0.6)),
    *(row("ivf", 0.02, 0.5), row("ivf", 0.03, 0.4)),
]


def test_a_line_has_the_method_s_own_pareto_points_with_their_bands():
    ivf = next(line for line in lines(ROWS, "nDCG@10", VISITED) if line.label == "ivf")
    (point,) = ivf.points  # 3 % costs more and has less
    assert (point.cost, point.quality, point.low, point.high) == (2, 0.5, 0.4, 0.7)


def test_the_joint_front_is_of_methods_with_a_budget():
    front = joint_front(ROWS, "nDCG@10", VISITED)
    assert [(point.cost, point.quality) for point in front] == [(1, 0.3), (2, 0.5), (5, 0.6)]


def test_a_method_on_the_joint_front_is_named_if_its_quality_is_enough():
    named = {line.label: line.is_named for line in lines(ROWS, "nDCG@10", VISITED, least=0.55)}
    assert named == {"ngt": True, "ivf": True}  # ivf always is
    named = {line.label: line.is_named for line in lines(ROWS, "nDCG@10", VISITED, least=0.7)}
    assert named == {"ngt": False, "ivf": True}
