"""What a paper would print: tables, sentences and their LaTeX."""
