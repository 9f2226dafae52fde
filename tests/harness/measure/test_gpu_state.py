import pytest

from harness.measure.gpu_state import gpu_state, parsed_state

LINE = "NVIDIA H100, 590.10, 1980 MHz, 2619 MHz, 1980 MHz, 312.50 W, 700.00 W, 41, 0x0000000004\n"


def test_clocks_and_power_are_read_with_their_units():
    state = parsed_state(LINE)
    assert (state["clocks.sm"], state["power.draw"]) == ("1980 MHz", "312.50 W")
    assert state["clocks_throttle_reasons.active"].endswith("4")


def test_there_is_no_state_without_nvidia_smi(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("PATH", "/nowhere")
    assert gpu_state() == {}


@pytest.mark.gpu
def test_the_gpu_tells_its_clocks():
    assert gpu_state()["clocks.sm"].endswith("MHz")
