"""Releases: made, approved by a second person, withdrawn with a reason; the public pages; complaints."""
