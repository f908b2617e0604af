"""A patient's page, the list of patients, and enrolment: /staff/patients."""
