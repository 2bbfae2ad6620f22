"""Conversations and preferences of public sources → pairs; what is left out is counted."""
