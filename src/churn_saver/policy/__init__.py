"""System 2: whom to contact, when, with which offer."""
