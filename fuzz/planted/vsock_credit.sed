# host/vsockd/vsock_credit.c: what the guest says to have taken is believed
s/if (left < credit->in_flight)/if (left != credit->in_flight)/
