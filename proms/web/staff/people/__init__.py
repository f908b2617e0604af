"""Who works at a site, and what an administrator changes of a person: /staff/people."""
