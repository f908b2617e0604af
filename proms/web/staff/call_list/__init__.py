"""Patients who did not answer after the last message, for the site to call."""
