/* slc_queue: a queue against a plain array that does the same. */
#include "runtime/channel/queue.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <string.h>

#define SIZE 61

static uint8_t model[SIZE];
static size_t used;

static void check(const struct queue *queue)
{
	uint8_t copy[SIZE];

	assert_int_equal(queue->used, used);
	assert_int_equal(queue_free(queue), SIZE - used);
	for (size_t at = 0; at <= used; at++) {
		struct iovec parts[2];
		unsigned count = queue_parts(queue, at, used - at, parts);
		size_t sum = 0;

		for (unsigned i = 0; i < count; i++)
			sum += parts[i].iov_len;
		assert_int_equal(sum, used - at);
		queue_copy(queue, at, copy, used - at);
		assert_memory_equal(copy, model + at, used - at);
	}
}

static void bytes_come_out_as_they_went_in(void **unused)
{
	uint8_t memory[SIZE], bytes[SIZE], next = 0;
	uint64_t random = 88172645463325252u;
	struct queue queue;

	(void)unused;
	queue_init(&queue, memory, sizeof memory);
	for (unsigned i = 0; i < 20000; i++) {
		size_t size;

		random ^= random << 13;
		random ^= random >> 7;
		random ^= random << 17;
		switch (random % 8) {
		case 0:
			size = random / 8 % (used + 1);
			queue_keep(&queue, size);
			used = size;
			break;
		case 1:
		case 2:
		case 3:
			size = random / 8 % (used + 1);
			queue_drop(&queue, size);
			memmove(model, model + size, used - size);
			used -= size;
			break;
		default:
			size = random / 8 % (SIZE - used + 1);
			for (size_t k = 0; k < size; k++)
				model[used + k] = bytes[k] = next++;
			queue_put(&queue, bytes, size);
			used += size;
			break;
		}
		check(&queue);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bytes_come_out_as_they_went_in),
	};

	return cmocka_run_group_tests_name("slc_queue", tests, NULL, NULL);
}
