/* record: any bytes as an enclave's log, as the client reads it: whole, and cut in two. What is
 * taken has the numbers one by one, and one spelling; where it was cut changes nothing. */
#include "runtime/channel/record.h"

#include "fuzz/machine.h"
#include "runtime/channel/fields.h"

#define NO_TAG 65535u

struct told {
	struct record_log log;
	uint64_t records;
	uint8_t heads; /* a sum of what was told, to compare two runs */
};

static void each(void *user, const struct record *record)
{
	struct told *told = user;
	struct record again;
	uint8_t bytes[RECORD_MAX];
	size_t size = record_write(record, bytes);

	told->records++;
	FUZZ_REQUIRE(record->number == told->log.dropped + told->records);
	FUZZ_REQUIRE(told->log.count == record->number);
	FUZZ_REQUIRE(size <= sizeof bytes && record_read(&again, bytes, size) == 0);
	FUZZ_REQUIRE(again.number == record->number && again.kind == record->kind);
	told->heads = (uint8_t)(told->heads * 3u + told->log.head[0] + (uint8_t)record->what[0]);
}

static bool feed(
	struct field_reader *reader, struct record_log *log, const uint8_t *bytes, size_t size)
{
	enum field_result result;
	struct field field;

	while ((result = field_reader_next(reader, &bytes, &size, &field)) == FIELD_WHOLE)
		record_log_take(log, &field);
	return result == FIELD_MORE;
}

static void read_log(struct told *told, const uint8_t *bytes, size_t size, size_t cut)
{
	struct field_reader reader;
	uint8_t memory[RECORD_MAX];

	memset(told, 0, sizeof *told);
	record_log_begin(&told->log, 3);
	told->log.each = each;
	told->log.user = told;
	field_reader_init(&reader, NO_TAG, memory, sizeof memory);
	if (!feed(&reader, &told->log, bytes, cut) ||
		!feed(&reader, &told->log, bytes + cut, size - cut))
		told->log.is_broken = true;
	FUZZ_REQUIRE(told->log.count == told->log.dropped + told->records);
	FUZZ_REQUIRE(told->records == 0 || told->log.has_base);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct told whole, parts;

	if (size < 1)
		return 0;
	read_log(&whole, data + 1, size - 1, 0);
	read_log(&parts, data + 1, size - 1, data[0] % size);
	FUZZ_REQUIRE(whole.records == parts.records && whole.heads == parts.heads);
	FUZZ_REQUIRE(whole.log.is_broken == parts.log.is_broken);
	FUZZ_REQUIRE(memcmp(whole.log.head, parts.log.head, RECORD_HEAD_SIZE) == 0);
	FUZZ_REQUIRE(whole.log.is_reached == parts.log.is_reached);
	FUZZ_REQUIRE(whole.log.is_marked_right == parts.log.is_marked_right);
	return 0;
}
