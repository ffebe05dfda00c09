# services/init/unit_file.c: the end of a word is not in the unit's text
s/taken\[used\] = '.0'/taken[size] = 'x'/
