"""Two operations as stories, played through the HTTP interface in simulated time. Everything in them is invented."""
