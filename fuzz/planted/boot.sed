# gen/boot.c: a secured step counts twice
s/m->secured += 1u/m->secured += 2u/
