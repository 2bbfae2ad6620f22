"""The grammar of retention texts: frames, phrasings, lapses and flaws → drafts with slots."""
