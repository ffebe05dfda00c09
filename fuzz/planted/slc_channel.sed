# gen/slc_channel.c: what is sent uses up no credit
s/m->send_credit -= n;//
