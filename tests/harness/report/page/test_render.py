import json
import re

from harness.report.page.render import render

HOSTILE = {"<": "</script><!-- <script>", "n": "é & '\""}


def test_no_text_ends_the_script_it_stands_in():
    page = render(HOSTILE)
    data = re.search(r'<script type="application/json" id="data">(.*?)</script>', page, re.DOTALL)
    assert data is not None
    assert "<" not in data[1] and json.loads(data[1]) == HOSTILE


def test_the_page_brings_all_it_needs():
    page = render({})
    assert "<!-- style -->" not in page and "<!-- script -->" not in page
    assert "makeTooltip" in page and "prefers-color-scheme" in page
    addresses = re.findall(r"https?://[^\"'\s]+", page)
    assert set(addresses) == {"http://www.w3.org/2000/svg"}  # a name, which nothing fetches
    assert not re.search(r"\bsrc=|@import|url\(", page)
