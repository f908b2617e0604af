"""A table of cycles and milestones from a hospital, row by row, held against what is on record."""
