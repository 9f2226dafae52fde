"""EHI: a dual encoder and a tree-shaped inverted file, learned together (arXiv 2310.08891)."""
