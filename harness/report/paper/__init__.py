"""Write what a paper would print: tables, sentences, and both in Markdown and LaTeX."""
