# runtime/crypto/cbor_place.c: the limit on strings is forgotten
s/if (length > place->limits.length)/if (length > place->size)/
