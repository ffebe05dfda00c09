# gen/health_line.c: a digit of the second number counts one more
s/m->all + (c - 48u); }/m->all + (c - 47u); }/
