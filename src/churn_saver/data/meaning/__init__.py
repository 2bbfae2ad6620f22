"""What a column means: how its cells are read, which names it may have, what it must hold."""
