"""Who this gateway is, and who its cabinets are: keys, certificates, enrolment, revocation."""
