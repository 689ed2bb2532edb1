"""Plots as SVG without script. Each is drawn twice: for a wide page and for a phone, because scaled text would be too small."""
