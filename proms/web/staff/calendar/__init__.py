"""A patient's calendar, and what is recorded on it: /staff/patients/<code>/calendar."""
