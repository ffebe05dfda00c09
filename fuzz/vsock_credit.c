/* vsock_credit: a guest that claims what it likes, against a book that never runs around: what it
 * has is what it could honestly have, and neither window is ever passed. */
#include "host/vsockd/vsock_credit.h"

#include "fuzz/input.h"

/* Since the beginning, in 64 bits. */
struct book {
	uint64_t window, sent, taken;       /* to the guest: taken as far as it said */
	uint64_t alloc, came, handed, told; /* from it */
};

static void hear(struct vsock_credit *credit, struct book *book, uint32_t window, uint32_t fwd_cnt)
{
	uint32_t more = fwd_cnt - (uint32_t)book->taken;

	vsock_credit_heard(credit, window, fwd_cnt);
	book->window = window;
	if (more <= book->sent - book->taken)
		book->taken += more;
}

static void from_guest(struct vsock_credit *credit, struct book *book, uint32_t n)
{
	bool fits = book->came + n - book->told <= book->alloc;

	FUZZ_REQUIRE(vsock_credit_received(credit, n) == fits);
	if (fits)
		book->came += n;
}

static void to_socket(struct vsock_credit *credit, struct book *book, uint32_t n)
{
	if (n > book->came - book->handed)
		n = (uint32_t)(book->came - book->handed);
	vsock_credit_consumed(credit, n);
	book->handed += n;
}

static void step(struct vsock_credit *credit, struct book *book, uint8_t what, uint32_t n)
{
	uint32_t room = vsock_credit_room(credit);

	switch (what % 8u) {
	case 0: /* honest */
		hear(credit, book, n, (uint32_t)book->taken);
		break;
	case 1: /* takes some, or claims more than was sent */
		hear(credit, book, (uint32_t)book->window, (uint32_t)book->taken + n);
		break;
	case 2: /* takes back */
		hear(credit, book, (uint32_t)book->window, (uint32_t)book->taken - n);
		break;
	case 3:
		n = n < room ? n : room;
		vsock_credit_sent(credit, n);
		book->sent += n;
		break;
	case 4:
		from_guest(credit, book, n);
		break;
	case 5:
		to_socket(credit, book, n);
		break;
	case 6: /* all it may */
		from_guest(credit, book, (uint32_t)(book->alloc - (book->came - book->told)));
		break;
	default:
		FUZZ_REQUIRE(vsock_credit_tell(credit) == (uint32_t)book->handed);
		book->told = book->handed;
		break;
	}
}

static void check(const struct vsock_credit *credit, const struct book *book)
{
	uint64_t flying = book->sent - book->taken, untold = book->handed - book->told;

	FUZZ_REQUIRE(
		vsock_credit_room(credit) == (flying < book->window ? book->window - flying : 0));
	FUZZ_REQUIRE(credit->waiting == book->came - book->handed);
	FUZZ_REQUIRE(credit->waiting <= book->alloc);
	FUZZ_REQUIRE(vsock_credit_due(credit) ==
		     (untold > 0 && untold >= book->alloc / VSOCK_CREDIT_SHARE));
	/* Whoever has nothing left to send within our window will be told, once nothing waits. */
	if (book->came - book->told == book->alloc && credit->waiting == 0)
		FUZZ_REQUIRE(vsock_credit_due(credit));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint32_t seed = fuzz_seed(&data, &size);
	struct book book = {.alloc = 1u + seed % 1048576u};
	struct vsock_credit credit;

	vsock_credit_init(&credit, (uint32_t)book.alloc);
	for (size_t i = 0; i + 1 < size; i += 2) {
		step(&credit, &book, data[i], fuzz_amount(data[i + 1]));
		check(&credit, &book);
	}
	return 0;
}
