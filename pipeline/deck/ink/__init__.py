"""Where a slide shows anything: text from font metrics, surfaces, lines, backdrops. Reads, changes nothing."""
