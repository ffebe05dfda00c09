/* vsock_credit: see vsock_credit.h. Counters of the wire run around at 2^32; what is compared are
 * amounts, which do not. */
#include "host/vsockd/vsock_credit.h"

void vsock_credit_init(struct vsock_credit *credit, uint32_t alloc)
{
	credit->peer_alloc = 0u;
	credit->tx_cnt = 0u;
	credit->in_flight = 0u;
	credit->alloc = alloc;
	credit->fwd_cnt = 0u;
	credit->waiting = 0u;
	credit->untold = 0u;
}

void vsock_credit_heard(struct vsock_credit *credit, uint32_t buf_alloc, uint32_t fwd_cnt)
{
	uint32_t left = credit->tx_cnt - fwd_cnt; /* in flight, if it is honest */

	credit->peer_alloc = buf_alloc;
	if (left < credit->in_flight)
		credit->in_flight = left;
}

uint32_t vsock_credit_room(const struct vsock_credit *credit)
{
	if (credit->in_flight >= credit->peer_alloc)
		return 0u;
	return credit->peer_alloc - credit->in_flight;
}

void vsock_credit_sent(struct vsock_credit *credit, uint32_t n)
{
	credit->tx_cnt += n;
	credit->in_flight += n;
}

bool vsock_credit_received(struct vsock_credit *credit, uint32_t n)
{
	if (n > credit->alloc - credit->waiting - credit->untold)
		return false;
	credit->waiting += n;
	return true;
}

void vsock_credit_consumed(struct vsock_credit *credit, uint32_t n)
{
	credit->waiting -= n;
	credit->untold += n;
	credit->fwd_cnt += n;
}

bool vsock_credit_due(const struct vsock_credit *credit)
{
	return credit->untold > 0u && credit->untold >= credit->alloc / VSOCK_CREDIT_SHARE;
}

uint32_t vsock_credit_tell(struct vsock_credit *credit)
{
	credit->untold = 0u;
	return credit->fwd_cnt;
}
