"""System 3: the words, as slots filled from the decision."""
