"""The chain for one person: where toxin goes, what it blocks, how strong the muscle stays."""
