from pathlib import Path

from harness.report.paper.growth_tables import amount, growth_tables
from harness.report.paper.typeset import Table
from tests.harness.report.fake_growth import growth_of, write_size, write_sizes


def texts(table: Table) -> dict[str, list[str]]:
    return {row[0].value: [entry.value for entry in row[1:]] for row in table.rows}


def test_a_cost_has_a_column_per_share_and_size_and_one_for_the_exponent(tmp_path: Path):
    visited, *_ = growth_tables(growth_of(write_sizes(tmp_path, (10_000, 1_000_000))), "g")
    assert visited.name == "g-visited"
    assert [column.name for column in visited.columns] == [
        "method",
        *("90 % 10,000", "90 % 1,000,000", "90 % x"),
        *("95 % 10,000", "95 % 1,000,000", "95 % x"),
    ]
    assert texts(visited)["ivf"] == ["100", "1,000", ".50", "200", "2,000", ".50"]
    assert "One seed." in visited.caption


def test_there_is_a_table_for_every_cost_and_one_for_building(tmp_path: Path):
    tables = growth_tables(growth_of(write_sizes(tmp_path)), "g")
    assert [table.name for table in tables] == ["g-visited", "g-macs", "g-latency", "g-building"]
    assert {len(row) for table in tables[:3] for row in table.rows} == {9}
    assert {len(row) for row in tables[3].rows} == {13}


def test_a_bound_and_what_is_not_found_and_what_is_not_measured_are_told_apart(tmp_path: Path):
    folders = [
        write_size(tmp_path / "s", 100, {"ivf": 0.5, "ehi": 0.5}, {0.92: 1.0}),
        write_size(tmp_path / "m", 10_000, {"ivf": 0.5}),
    ]
    visited, *_ = growth_tables(growth_of(folders), "g")
    assert texts(visited)["ivf"] == ["≤ 10", "100", "", "-", "200", ""]
    assert texts(visited)["ehi"] == ["≤ 10", "", "", "-", "", ""]


def test_building_is_a_mean_over_the_cells_of_a_method(tmp_path: Path):
    *_, building = growth_tables(growth_of(write_sizes(tmp_path, (100, 10_000))), "g")
    seconds = [entry.number for entry in building.rows[0][1:4]]
    assert seconds[0] == seconds[1]  # the made-up records are all alike
    assert seconds[2] == 0  # and so do not grow


def test_large_amounts_have_all_their_digits():
    assert [amount(cost) for cost in (0.06123, 4.512, 99.5, 19412.3)] == [
        *("0.0612", "4.51", "99.5", "19,412"),
    ]
