import json
import re

from harness.report.page.render import render

HOSTILE = {"<": "</script><!-- <script>", "n": "é & '\""}


def test_no_text_can_close_the_script_element():
    page = render(HOSTILE)
    data = re.search(r'<script type="application/json" id="data">(.*?)</script>', page, re.DOTALL)
    assert data is not None
    assert "<" not in data[1] and json.loads(data[1]) == HOSTILE


def test_the_page_needs_nothing_from_the_network():
    page = render({})
    assert "<!-- style -->" not in page and "<!-- script -->" not in page
    assert "makeTooltip" in page and "prefers-color-scheme" in page
    addresses = re.findall(r"https?://[^\"'\s]+", page)
    assert set(addresses) == {"http://www.w3.org/2000/svg"}  # an XML namespace, never fetched
    assert not re.search(r"\bsrc=|@import|url\(", page)
