# gen/address_text.c: the first digit of a port weighs one less
s/10u \* m->port/9u * m->port/
