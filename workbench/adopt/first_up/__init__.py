"""The first update after an import, judged before it is made."""
