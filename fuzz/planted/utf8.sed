# gen/utf8.c: a long form of U+FFFF is taken
s/144u <= (\*p)/143u <= (*p)/
