from pathlib import Path

import pytest

from harness.measure.gpu_state import gpu_state, parsed_state

LINE = "NVIDIA H100, 590.10, 1980 MHz, 2619 MHz, 1980 MHz, 312.50 W, 700.00 W, 41, 0x0000000004\n"


def test_clocks_and_power_are_read_with_their_units():
    state = parsed_state(LINE)
    assert (state["clocks.sm"], state["power.draw"]) == ("1980 MHz", "312.50 W")
    assert state["clocks_throttle_reasons.active"].endswith("4")


def test_another_line_has_no_state():
    assert parsed_state("No devices were found\n") == {}


@pytest.mark.parametrize(("visible", "asked"), [("2,3", "2"), ("", "0")])
def test_the_first_visible_gpu_is_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, visible: str, asked: str
):
    program = tmp_path / "nvidia-smi"
    program.write_text(f'#!/bin/sh\nfor id in "$@"; do :; done; echo "$id{LINE[6:-1]}"\n')
    program.chmod(0o700)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", visible)
    assert gpu_state()["name"] == f"--id={asked} H100"


def test_there_is_no_state_without_nvidia_smi(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("PATH", "/nowhere")
    assert gpu_state() == {}


@pytest.mark.gpu
def test_the_gpu_tells_its_clocks():
    assert gpu_state()["clocks.sm"].endswith("MHz")
