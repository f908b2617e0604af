"""The pulse: APScheduler ticks, the database says what is due."""
