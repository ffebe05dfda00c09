# gen/unit.c: a start that took too long counts as a stop that was asked for
s/m->then = UNIT_AS_FAILED/m->then = UNIT_STAYS_DOWN/
