# host/eif/members.c: a parent may be named as the trailer
s/strcspn(canonical, "\/") == NEWC_TRAILER_SIZE - 1/strlen(canonical) == NEWC_TRAILER_SIZE - 1/
