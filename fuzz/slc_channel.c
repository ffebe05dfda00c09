/* slc_channel: every order of events, with small and with the largest credits and windows. */
#include "gen/slc_channel.h"

#include "fuzz/machine.h"

static uint32_t credit_of(uint32_t seed)
{
	return seed & 1u ? SLC_CHANNEL_CREDIT_MAX - seed % 512u : seed % 512u;
}

FUZZ_EVENTS(slc_channel, SLC_CHANNEL_LOST,
	slc_channel_init(m, credit_of(seed), 1u + credit_of(seed / 1024u) % SLC_CHANNEL_CREDIT_MAX))
