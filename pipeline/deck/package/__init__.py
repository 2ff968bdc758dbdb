"""The deck as a package of parts (ECMA-376 part 2): opened lazily, edited byte by byte, saved without repacking."""
