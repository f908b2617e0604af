"""The worklist at /staff/: what still needs a person, and the two verbs that move it on."""
