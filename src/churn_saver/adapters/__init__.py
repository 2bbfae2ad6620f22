"""The world outside: files, artefacts, pages, pictures."""
