"""Charts as lean SVG: pure functions from data to markup, coloured by the style sheet's classes."""
