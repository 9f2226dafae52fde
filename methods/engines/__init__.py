"""Where vectors are searched: engines of our own in torch, and Faiss on a GPU."""
