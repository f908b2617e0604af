"""What is handed out on paper: a leaflet at enrolment, and blank forms."""
