"""The referral form: one table of fields, its branches, and what must be there before it is sent. No database."""
