# gen/sealed_front.c: a record may be a byte too short for what seals it
s/SEALED_FRONT_RECORD_MIN <= 256u \* m->size + c/& + 1u/
