"""The site's pages: each module decides what its page says; the templates beside say how it looks."""
