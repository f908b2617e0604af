"""Reads: each function one question, answered in as few statements as it takes."""
