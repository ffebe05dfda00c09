# gen/account_line.c: a number may run around
s/m->id <= (ACCOUNT_LINE_MAX - (c - 48u)) \/ 10u  )/m->id <= ACCOUNT_LINE_MAX \/ 10u  )/
