from pathlib import Path

import pytest

from methods.errors import InputError
from methods.paths import user_path


@pytest.mark.parametrize(
    ("text", "path"), [("~/mine", "home/mine"), ("a/~", "a/~"), ("/a", "/a"), ("-", "-")]
)
def test_a_leading_tilde_is_the_home_folder(text: str, path: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("HOME", "home")
    assert user_path(text) == Path(path)


def test_the_home_folder_of_nobody_is_an_input_error():
    with pytest.raises(InputError, match="~no-such-user/x: no such user"):
        user_path("~no-such-user/x")
