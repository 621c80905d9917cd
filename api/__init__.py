"""Who may knock, and how: the HTTP interface and the command line."""
