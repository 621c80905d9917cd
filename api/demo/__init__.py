"""Two operations as stories, played through the HTTP interface in simulated time. Everybody and every place in them is invented."""
