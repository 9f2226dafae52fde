import csv
import io

from harness.report.paper.typeset import Column, Entry, Table, to_csv, to_markdown

TABLE = Table(
    "tiny",
    "A table",
    "p < .05",
    [
        Column("method", numeric=False),
        Column("1 %", "nDCG@10"),
        Column("command", numeric=False),
    ],
    [
        [
            [
                Entry("ehi_a|b"),
                Entry(number=0.5, deviation=0.01, bold=True, mark="†"),
                Entry("a|b", code=True),
            ]
        ],
        [[Entry("exact"), Entry(number=0.75), Entry("-")]],
    ],
)


def test_markdown_has_one_header_line_and_escapes_text():
    assert to_markdown(TABLE).splitlines() == [
        "**A table**",
        "",
        "| method | nDCG@10 1 % | command |",
        "| --- | ---: | --- |",
        "| ehi\\_a\\|b | **.500** ± .010† | `a\\|b` |",
        "| exact | .750 | - |",
        "",
        "p \\< .05",
    ]


def test_csv_has_numbers_in_full_precision():
    table = Table("t", "", "", [Column("m"), Column("v")], [[[Entry("a"), Entry(number=1 / 3)]]])
    assert list(csv.reader(io.StringIO(to_csv(table)))) == [["m", "v"], ["a", str(1 / 3)]]


def test_csv_has_columns_for_deviations_and_marks_only_if_there_are_any():
    rows = list(csv.DictReader(io.StringIO(to_csv(TABLE))))
    assert list(rows[0]) == [
        "method",
        "nDCG@10 1 %",
        "nDCG@10 1 % deviation",
        "nDCG@10 1 % mark",
        "command",
    ]
    assert rows[0]["nDCG@10 1 % deviation"] == "0.01" and rows[0]["nDCG@10 1 % mark"] == "†"
    assert rows[1]["nDCG@10 1 % deviation"] == rows[1]["nDCG@10 1 % mark"] == ""


def test_a_number_with_a_text_is_shown_as_the_text_and_kept_in_csv():
    table = Table("t", "", "", [Column("gain")], [[[Entry("1.45 %", 0.0145)]]])
    assert "| 1.45 % |" in to_markdown(table)
    assert to_csv(table) == "gain\n0.0145\n"
