"""Who may sign in for a dealer, and by what: members, invitations, passwords, sign-ins, tokens, and the operator."""
