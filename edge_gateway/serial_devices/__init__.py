"""Scales, scanners, label printers and a tag writer on serial lines: pure parsers and one reading loop."""
