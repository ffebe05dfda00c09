/* slc_request: what the unit tests of requests share: a row of fields, and what is said to it.
 * Include it behind cmocka's headers. */
#ifndef CLOISTER_TESTS_LIB_SLC_REQUEST_H
#define CLOISTER_TESTS_LIB_SLC_REQUEST_H

#include <string.h>

#include "runtime/channel/fields.h"
#include "services/slc/request.h"

static uint8_t row[REQUEST_SIZE_MAX + 64];
static struct field_writer writer;

static void begin(void)
{
	writer = field_writer_of(row, sizeof row);
}

static uint32_t check(uint32_t type)
{
	const char *text;
	uint32_t reason = request_check(type, row, writer.used, &text);

	assert_int_equal(reason == SLC_REASON_NONE, strlen(text) == 0);
	return reason;
}

#endif
