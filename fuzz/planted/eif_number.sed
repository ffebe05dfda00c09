# runtime/eif/number.c: small numbers get their exponent too early
s/point > -5/point > -4/
