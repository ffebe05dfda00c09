/* timer: the timers of a loop, an intrusive pairing heap. See loop.h.
 *
 * Nothing here is recursive: a heap may be as deep, or as broad, as it has timers.
 */
#include <stddef.h>

#include "runtime/kernel/loop_inside.h"

static bool is_before(const struct timer *a, const struct timer *b)
{
	return a->at != b->at ? a->at < b->at : a->number < b->number;
}

/* Makes one heap of two: the later root becomes the first child of the other. Null is empty. */
static struct timer *meld(struct timer *a, struct timer *b)
{
	struct timer *root, *child;

	if (a == NULL || b == NULL)
		return a == NULL ? b : a;
	root = is_before(a, b) ? a : b;
	child = root == a ? b : a;
	child->next = root->child;
	if (child->next != NULL)
		child->next->previous = child;
	child->previous = root;
	root->child = child;
	return root;
}

/* Takes a heap off the front of a list of siblings. */
static struct timer *take_first(struct timer **list)
{
	struct timer *first = *list;

	if (first != NULL) {
		*list = first->next;
		first->next = NULL;
		first->previous = NULL;
	}
	return first;
}

/* Makes one heap of a list of siblings: pairs from the left, then all pairs from the right. */
static struct timer *meld_all(struct timer *siblings)
{
	struct timer *pairs = NULL, *heap = NULL;

	while (siblings != NULL) {
		struct timer *first = take_first(&siblings);
		struct timer *pair = meld(first, take_first(&siblings));

		pair->next = pairs;
		pairs = pair;
	}
	while (pairs != NULL)
		heap = meld(heap, take_first(&pairs));
	return heap;
}

static void unlink_from_siblings(struct timer *timer)
{
	if (timer->previous->child == timer)
		timer->previous->child = timer->next;
	else
		timer->previous->next = timer->next;
	if (timer->next != NULL)
		timer->next->previous = timer->previous;
}

void timer_start(struct timer *timer, struct loop *loop, uint64_t nanoseconds)
{
	uint64_t now = loop_now(loop);

	timer_stop(timer);
	timer->loop = loop;
	timer->at = nanoseconds < UINT64_MAX - now ? now + nanoseconds : UINT64_MAX;
	timer->number = loop->timers_started++;
	timer->previous = NULL;
	timer->child = NULL;
	timer->next = NULL;
	loop->timers = meld(loop->timers, timer);
}

void timer_stop(struct timer *timer)
{
	struct loop *loop = timer->loop;

	if (loop == NULL)
		return;
	timer->loop = NULL;
	if (loop->timers == timer) {
		loop->timers = meld_all(timer->child);
		return;
	}
	unlink_from_siblings(timer);
	loop->timers = meld(loop->timers, meld_all(timer->child));
}

/* A timer that a callback starts is later than every one that was due before: its time is not
 * before now, and its number is higher. So the first of the new ones ends the turn, and a timer
 * that starts itself with no delay doesn't keep the loop from its descriptors. */
void timers_fire(struct loop *loop)
{
	uint64_t new = loop->timers_started;

	while (loop->timers != NULL && loop->timers->at <= loop->now &&
		loop->timers->number < new) {
		struct timer *timer = loop->timers;

		timer_stop(timer);
		timer->fired(timer);
	}
}
