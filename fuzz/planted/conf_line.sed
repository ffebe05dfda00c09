# gen/conf_line.c: a header in pairs is taken for a single one
s/m->pair = 1u/m->pair = 0u/
