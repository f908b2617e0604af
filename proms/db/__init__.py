"""The database: tables, sessions, queries. No rule of the trial lives here."""
