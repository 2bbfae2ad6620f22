"""The nouns of the problem: customers, offers, decisions, campaigns, money, slots."""
