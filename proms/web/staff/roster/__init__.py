"""Who is on duty, and who is called outside staffed hours: /staff/roster."""
