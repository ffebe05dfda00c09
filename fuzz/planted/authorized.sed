# runtime/channel/authorized_read.c: a key with a mistake in it is taken
s/if (read_key(&reading) != 0)/if (read_key(\&reading) > 0)/
