"""The books: campaigns, reservations, decisions."""
