"""Show a figure of a report in Markdown."""


def picture(stem: str, words: str) -> str:
    """Return a picture that is dark if the reader's screen is.

    `stem` is the path of the figure without the suffix of its canvas, `words` what it shows.
    """
    dark = f'<source media="(prefers-color-scheme: dark)" srcset="{stem}-wide-dark.png">'
    return f'<picture>{dark}<img alt="{words}" src="{stem}-wide.png"></picture>'
