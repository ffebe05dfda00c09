# gen/utf8.c: a long form of U+FFFF is taken
s/144u <= ( c)/143u <= ( c)/
