"""Who may speak as a gateway: enrolment by a single-use code, certificates, renewal, revocation."""
