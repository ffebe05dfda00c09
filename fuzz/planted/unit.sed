# gen/unit.c: a unit that has failed is started again
s/m->failing = 1u/m->failing = 0u/
