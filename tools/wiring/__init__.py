"""Wiring diagrams and pin tables of the boards, drawn from their board.json files."""
