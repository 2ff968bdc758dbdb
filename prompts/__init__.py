"""Prompt templates and style presets: text that can be edited without programming. Shipped with the program."""
