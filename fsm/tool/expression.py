"""Turns the expressions of a page's tables into C and into ACSL.

Both are C but for four words, so that a table reads well and needs no '|': and, or, not, iff
(iff takes two operands in parentheses). A bare field name means the machine's field: in ACSL that
of the value before a step, or of the value that a predicate is about.
"""

import re

WORDS_C = {"and": "&&", "or": "||", "not": "!", "iff": "=="}
WORDS_ACSL = {"and": "&&", "or": "||", "not": "!", "iff": "<==>"}


def _translate(text, words, field):
    def replace(match):
        word = match.group(0)
        return words.get(word) or field(word)

    return re.sub(r"[A-Za-z_]\w*", replace, text)


def to_c(text, fields):
    return _translate(text, WORDS_C, lambda word: f"m->{word}" if word in fields else word)


def to_acsl(text, fields, old=False):
    form = "\\old(m->{})" if old else "v.{}"
    return _translate(text, WORDS_ACSL, lambda word: form.format(word) if word in fields else word)
