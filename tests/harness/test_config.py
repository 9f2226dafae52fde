import tomllib
from dataclasses import fields
from pathlib import Path

import pytest

from harness.config import (
    PRESETS,
    digest,
    load_settings,
    preset_options,
    resolved_settings,
    result_settings,
    sections,
)
from methods.automatic import AUTO, CorpusSize
from methods.errors import InputError
from methods.registry import BUILT_IN, method

HPO = CorpusSize(documents=16_449, train_queries=15_141)


@pytest.mark.parametrize("name", ["quick", "tuned", "paper"])
def test_a_preset_sets_every_setting(name: str):
    preset = tomllib.loads((PRESETS / f"{name}.toml").read_text())
    assert {section: set(keys) for section, keys in preset.items()} == {
        section: {field.name for field in fields(kind)} for section, kind in sections().items()
    }


@pytest.mark.parametrize("name", [path.stem for path in PRESETS.glob("*.toml")])
def test_a_batch_larger_than_usual_is_embedded_in_parts_with_the_same_result(name: str):
    settings = load_settings(name)
    training = settings["training"]
    assert training.batch_size <= 256 or 0 < training.embedded_at_once <= 256
    at_once = load_settings(name, ["training.embedded_at_once=0"])
    assert result_settings(method("ehi"), settings) == result_settings(method("ehi"), at_once)


def test_the_quick_preset_gives_ehi_as_many_leaves_as_ivf_has_lists():
    settings = resolved_settings(load_settings("quick"), HPO)
    assert settings["ehi"].leaves == settings["ivf"].lists == settings["scann"].leaves == 1024


def test_auto_is_a_value_of_settings_with_a_rule_and_of_no_others():
    assert load_settings("paper", ["ivf.lists=auto"])["ivf"].lists == AUTO
    with pytest.raises(InputError, match=r"ivf\.iterations is 'auto'; it must be a whole number"):
        load_settings("quick", ["ivf.iterations=auto"])


def test_overrides_are_parsed_by_the_type_of_the_setting():
    overrides = ["ehi.height=2", "ehi.margin=1", "encoder.normalise=false", "encoder.name=a/b"]
    settings = load_settings("quick", overrides)
    assert settings["ehi"].height == 2
    assert settings["ehi"].margin == 1.0 and isinstance(settings["ehi"].margin, float)
    assert settings["encoder"].normalise is False
    assert settings["encoder"].name == "a/b"


def test_a_prompt_keeps_the_space_at_its_end():
    settings = load_settings("quick", ["encoder.query_prompt=query: ", "ivf.lists= 7"])
    assert settings["encoder"].query_prompt == "query: " and settings["ivf"].lists == 7


@pytest.mark.parametrize(("text", "value"), [("auto", "auto"), ("True", True), ("false", False)])
def test_normalisation_is_on_or_off_or_automatic(text: str, value: object, tmp_path: Path):
    assert load_settings("quick", [f"encoder.normalise={text}"])["encoder"].normalise == value
    preset = tmp_path / "mine.toml"
    written = '"auto"' if value == "auto" else text.lower()
    preset.write_text(f"[encoder]\nnormalise = {written}\n")
    assert load_settings(str(preset))["encoder"].normalise == value


@pytest.mark.parametrize(
    ("override", "message"),
    [
        ("ehi.heigth=2", "did you mean 'ehi.height'?"),
        ("eih.height=2", "did you mean 'ehi.height'?"),
        ("ehi.height=two", "ehi.height is 'two'; it must be a whole number"),
        ("ehi.margin=x", "it must be a number"),
        ("ehi.margin=nan", "it must be a number"),
        ("ehi.warm_start=warm", "it must be one of kmeans, random"),
        ("encoder.normalise=1", "it must be true or false, or auto"),
        ("ehi.height", "--set takes section.key=value"),
        ("height=2", "--set takes section.key=value"),
        ("ehi.height=0", "ehi.height is 0; it must be from 1 to 8"),
        ("ivf.lists=0", "ivf.lists is 0; it must be at least 1"),
        ("ehi.branching=5000000", "at most 4194304"),
        ("encoder.head=none", "set encoder.head=linear"),
    ],
)
def test_an_invalid_override_is_rejected_in_one_line(override: str, message: str):
    with pytest.raises(InputError, match=r"^[^\n]*$") as caught:
        load_settings("quick", [override])
    assert message in str(caught.value)


def test_an_unknown_preset_is_rejected_with_the_nearest_one():
    with pytest.raises(InputError, match="did you mean 'quick'"):
        load_settings("quik")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[ehi\n", "is not valid TOML"),
        ("[ehi]\nheight = 1.5\n", "it must be a whole number"),
        ("[ehi]\nhieght = 1\n", "did you mean 'ehi.height'"),
        ("[tre]\nheight = 1\n", "did you mean 'tree'"),
        ("ehi = 1\n", "unknown section 'ehi'"),
    ],
)
def test_an_invalid_preset_file_is_named(tmp_path: Path, text: str, message: str):
    preset = tmp_path / "mine.toml"
    preset.write_text(text)
    with pytest.raises(InputError) as caught:
        load_settings(str(preset))
    assert message in str(caught.value) and "mine.toml" in str(caught.value)


def test_a_preset_file_sets_only_what_differs_from_the_defaults(tmp_path: Path):
    preset = tmp_path / "mine.toml"
    preset.write_text("[ivf]\nlists = 7\n")
    assert load_settings(str(preset))["ivf"].lists == 7


def test_a_preset_extends_another_and_names_options_of_a_run(tmp_path: Path):
    preset = tmp_path / "mine.toml"
    preset.write_text('extends = "paper-fiqa"\n[run]\nbudget = 0.3\n[ivf]\nlists = 7\n')
    settings = load_settings(str(preset))
    assert (settings["ivf"].lists, settings["ehi"].branching) == (7, 5000)
    assert settings["encoder"].name == "sentence-transformers/msmarco-distilbert-cos-v5"
    options = preset_options(str(preset))
    assert (options["dataset"], options["budget"]) == ("irds:beir/fiqa", 0.3)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('extends = "papre"', "unknown preset to extend 'papre'; did you mean 'paper'"),
        ("[run]\nbudgets = 1", r"unknown option in \[run\] 'budgets'; did you mean 'budget'"),
        ("run = 1", "write .run. and below it"),
    ],
)
def test_a_wrong_base_or_option_of_a_preset_is_named(tmp_path: Path, text: str, message: str):
    preset = tmp_path / "mine.toml"
    preset.write_text(text)
    with pytest.raises(InputError, match=message):
        load_settings(str(preset))


def test_a_preset_may_be_in_the_home_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / "mine.toml").write_text("[ivf]\nlists = 7\n")
    assert load_settings("~/mine.toml")["ivf"].lists == 7


def test_a_method_is_identified_by_its_own_settings():
    ivf, exact = method("ivf"), method("exact")
    plain, changed = load_settings("quick"), load_settings("quick", ["ivf.lists=64"])
    assert digest(result_settings(ivf, plain)) != digest(result_settings(ivf, changed))
    assert digest(result_settings(exact, plain)) == digest(result_settings(exact, changed))
    assert {row.name for row in BUILT_IN} >= {"exact", "ivf", "ehi"}


def test_the_quick_preset_equals_the_defaults_of_the_code(tmp_path: Path):
    empty = tmp_path / "empty.toml"
    empty.write_text("")
    assert load_settings(str(empty)) == resolved_settings(load_settings("quick"), HPO)
