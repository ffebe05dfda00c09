/* counters: adding from many threads, and both forms of the list. */
#include "runtime/kernel/counters.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "gen/unit.h"
#include "runtime/kernel/machine.h"

#define THREADS 8
#define ADDED   5000

MACHINE_EVENTS(unit)

COUNTER(things_done, "Things that were done")
COUNTER(never_touched, "Nothing")
GAUGE(things_open, "Things that are open now")

static char *print(void (*form)(FILE *))
{
	char *text = NULL;
	size_t size;
	FILE *stream = open_memstream(&text, &size);

	assert_non_null(stream);
	form(stream);
	fclose(stream);
	return text;
}

static void *add_many(void *unused)
{
	for (int i = 0; i < ADDED; i++) {
		counter_add(&things_done, 1);
		counter_add(&things_open, i % 2 == 0 ? 3 : -3);
	}
	return unused;
}

static void no_addition_is_lost(void **unused)
{
	pthread_t threads[THREADS];
	char *text, *first;

	(void)unused;
	counter_set(&things_open, 40);
	for (int i = 0; i < THREADS; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, add_many, NULL), 0);
	for (int i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	assert_int_equal(counter_value(&things_done), THREADS * ADDED);
	assert_int_equal(counter_value(&things_open), 40);
	text = print(counters_print_text);
	first = strstr(text, "cloister_things_done 40000\n");
	assert_non_null(first);
	assert_null(strstr(first + 1, "cloister_things_done 40000\n"));
	free(text);
}

static void the_text_is_what_prometheus_reads(void **unused)
{
	char *text;

	(void)unused;
	counter_add(&things_done, 0);
	counter_set(&things_open, -5);
	text = print(counters_print_text);
	assert_non_null(
		strstr(text, "# HELP cloister_things_open Things that are open now\n"
			     "# TYPE cloister_things_open gauge\ncloister_things_open -5\n"));
	assert_non_null(strstr(text, "# HELP cloister_things_done Things that were done\n"
				     "# TYPE cloister_things_done counter\ncloister_things_done "));
	assert_null(strstr(text, "never_touched"));
	free(text);
	assert_int_equal(counter_value(&never_touched), 0);
}

static void the_json_has_the_machines_too(void **unused)
{
	struct unit m;
	char *text;

	(void)unused;
	unit_init(&m);
	(void)unit_drive(&m, 1, UNIT_START, 0);
	counter_set(&things_open, INT64_MIN);
	text = print(counters_print_json);
	assert_non_null(strstr(text,
		"{\"counter\":\"things_open\",\"kind\":\"gauge\",\"value\":-9223372036854775808}"
		"\n"));
	assert_non_null(strstr(text, "{\"machine\":\"unit\",\"steps\":1,\"moves\":1}\n"));
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_addition_is_lost),
		cmocka_unit_test(the_text_is_what_prometheus_reads),
		cmocka_unit_test(the_json_has_the_machines_too),
	};

	return cmocka_run_group_tests_name("counters", tests, NULL, NULL);
}
