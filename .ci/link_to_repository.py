"""A hook of MkDocs: links that leave docs/ lead to the repository, which the site does not contain.

The address of the repository is the environment variable REPOSITORY_URL. Without it, such links
become plain text.
"""

import re
from typing import Any

OUTSIDE = re.compile(r"\[([^\]]*)\]\(\.\./([^)\s]*)\)")


def on_page_markdown(markdown: str, *, config: Any, **_: Any) -> str:
    """Return the text of a page with its links to other folders replaced."""
    address = config.repo_url
    replacement = rf"[\1]({address.rstrip('/')}/blob/main/\2)" if address else r"\1"
    return OUTSIDE.sub(replacement, markdown)
