# gen/slc_frame.c: the last type of the session is taken for one of a channel
s/\(m->type \)<=\( SLC_FRAME_SESSION_LAST) == (m->channel == 0u \)/\1<\2/
