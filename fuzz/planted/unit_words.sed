# gen/unit_words.c: the end of a word is a byte of it
s/m->gives = UNIT_WORDS_END/m->gives = UNIT_WORDS_BYTE/
