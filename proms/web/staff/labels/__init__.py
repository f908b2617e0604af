"""What staff pages call things: vocabularies, evidence, facts, dates and figures in the reader's
language."""
