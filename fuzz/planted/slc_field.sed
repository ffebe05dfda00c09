# gen/slc_field.c: a value may be one byte too long
s/c <= m->limit/c <= m->limit + 1u/
