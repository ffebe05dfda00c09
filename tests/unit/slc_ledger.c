/* ledger: a log that is read again from a file that was cut, changed, or could not be written. */
#include "services/slc/ledger.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runtime/channel/fields.h"
#include "runtime/kernel/log.h"
#include "services/slc/request.h"

#define SIZE_MAX_HERE 8192u
#define CUT           "a new log: the log's file was cut: it does not end with a head"
#define CHANGED       "a new log: the log's file was changed: its mark is none of its heads"

static char folder[32], path[64];
static struct ledger ledger;

static void begin(uint32_t most)
{
	struct fault fault;

	assert_int_equal(ledger_open(&ledger, most, &fault), 0);
	assert_int_equal(ledger_keep(&ledger, folder, &fault), 0);
}

static void add(unsigned count)
{
	uint8_t bytes[64];
	struct field_writer writer = field_writer_of(bytes, sizeof bytes);
	struct fault fault;

	field_put_text(&writer, SLC_ARGUMENT, "true");
	for (unsigned i = 0; i < count; i++)
		assert_int_equal(
			ledger_add_request(&ledger, SLC_EXEC, 1, bytes, writer.used, &fault), 0);
}

/* How the newest record, which is that of the start, says that the log begins. */
static const char *how(void)
{
	static struct record record;
	const struct ledger_record *last = &ledger.list[(ledger.count - 1) % ledger.most];

	assert_int_equal(record_read(&record, last->bytes, last->size), 0);
	assert_int_equal(record.kind, RECORD_START);
	return record.what;
}

static size_t read_back(uint8_t bytes[SIZE_MAX_HERE])
{
	const int fd = open(path, O_RDONLY | O_CLOEXEC);
	const ssize_t size = read(fd, bytes, SIZE_MAX_HERE);

	assert_true(size > 0 && size < (ssize_t)SIZE_MAX_HERE);
	close(fd);
	return (size_t)size;
}

static void put(const uint8_t *bytes, size_t size)
{
	const int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	assert_int_equal(write(fd, bytes, size), (ssize_t)size);
	close(fd);
}

/* A file with everything in it: a mark, records of one writing, and some that were added. */
static size_t make(uint8_t bytes[SIZE_MAX_HERE])
{
	(void)unlink(path);
	begin(8);
	add(1);
	ledger_mark(&ledger);
	ledger_marked(&ledger, true);
	add(2);
	ledger_close(&ledger);
	return read_back(bytes);
}

static void a_log_goes_on_from_any_size_to_any(void **unused)
{
	static const uint32_t sizes[] = {1, 2, 5, 3, 8, 1, 100};
	uint64_t count = 0;

	(void)unused;
	(void)unlink(path);
	for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
		begin(sizes[i]);
		assert_string_equal(how(), i == 0 ? "a new log" : "the log goes on");
		assert_int_equal(ledger.count, count + 1);
		for (unsigned j = 0; j < 3 * sizes[i]; j++) {
			add(1);
			assert_true(ledger.in_file <= 2 * sizes[i]);
		}
		count = ledger.count;
		ledger_close(&ledger);
	}
}

static void each_changed_byte_begins_a_new_one(void **unused)
{
	static uint8_t bytes[SIZE_MAX_HERE];
	const size_t size = make(bytes);

	(void)unused;
	for (size_t i = 0; i < size; i++) {
		const uint8_t bit = (uint8_t)(1u << i % 8);

		bytes[i] ^= bit;
		put(bytes, size);
		begin(8);
		assert_ptr_equal(strstr(how(), "a new log: the log's file was "), how());
		assert_int_equal(ledger.count, 1);
		assert_false(ledger.is_remembered);
		ledger_close(&ledger);
		bytes[i] ^= bit;
	}
}

/* Behind a head it is the whole of a shorter log; documents that others have tell them apart. */
static void each_cut_but_behind_a_head_begins_a_new_one(void **unused)
{
	static uint8_t bytes[SIZE_MAX_HERE];
	const size_t size = make(bytes);
	unsigned heads = 0;

	(void)unused;
	for (size_t i = 0; i <= size; i++) {
		struct fields row = fields_of(bytes, i);
		struct field field = {.tag = 0};
		enum fields_result result;

		while ((result = fields_next(&row, &field)) == FIELDS_NEXT)
			;
		put(bytes, i);
		begin(8);
		if (result != FIELDS_END || field.tag != SLC_RECORDS_BASE)
			assert_string_equal(how(), CUT);
		else if (heads++ == 0) /* the base alone, which is not what was marked */
			assert_string_equal(how(), CHANGED);
		else
			assert_string_equal(how(), "the log goes on");
		ledger_close(&ledger);
	}
	assert_int_equal(heads, 4);
}

/* Its file is gone then, and what it holds is all there. */
static void begin_on_a_full_disk(void)
{
	struct rlimit before, low;
	struct stat status;

	(void)unlink(path);
	begin(100);
	add(4);
	assert_int_equal(stat(path, &status), 0);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
	low = before;
	low.rlim_cur = (rlim_t)status.st_size + 250;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &low), 0);
	add(5); /* of which one is half written */
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
	assert_int_equal(ledger.count, 10);
	assert_int_equal(access(path, F_OK), -1);
}

static void a_full_disk_loses_the_file_and_no_record(void **unused)
{
	(void)unused;
	begin_on_a_full_disk();
	ledger_close(&ledger);
	begin(100);
	assert_string_equal(how(), "a new log");
	ledger_close(&ledger);
}

static void the_file_is_whole_again_when_there_is_room(void **unused)
{
	const struct ledger_record *last;
	uint8_t head[RECORD_HEAD_SIZE];
	struct fault fault;

	(void)unused;
	begin_on_a_full_disk();
	add(1); /* with all before it, */
	add(1); /* and behind them */
	memcpy(head, ledger.head, sizeof head);
	ledger_close(&ledger);
	begin(100);
	assert_string_equal(how(), "the log goes on");
	assert_int_equal(ledger.count, 13);
	last = &ledger.list[12];
	assert_int_equal(record_chain(head, last->bytes, last->size, &fault), 0);
	assert_memory_equal(ledger.head, head, sizeof head);
	ledger_close(&ledger);
}

static void a_mark_that_was_kept_stays(void **unused)
{
	uint8_t mark[RECORD_HEAD_SIZE];

	(void)unused;
	(void)unlink(path);
	begin(8);
	add(1);
	ledger_mark(&ledger); /* it is killed before it hears of the end of that */
	memcpy(mark, ledger.mark, sizeof mark);
	ledger_close(&ledger);
	begin(8);
	assert_true(ledger.is_remembered && !ledger.is_marked);
	add(3);
	ledger_mark(&ledger);
	assert_memory_equal(ledger.mark, mark, sizeof mark);
	assert_int_equal(ledger.marked, 2);
	ledger_close(&ledger);
}

static int set_up(void **state)
{
	static struct log_sink sink = {.program = "test", .fd = -1};

	(void)state;
	sink.fd = open("/dev/null", O_WRONLY | O_CLOEXEC);
	log_start(&sink);
	(void)signal(SIGXFSZ, SIG_IGN);
	/* A disk would be waited for, each time that a file is put in place of another. */
	(void)snprintf(folder, sizeof folder, "%s/ledger.XXXXXX",
		access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
	if (mkdtemp(folder) == NULL)
		return -1;
	(void)snprintf(path, sizeof path, "%s/" JOURNAL_FILE, folder);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	(void)unlink(path);
	return rmdir(folder);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_log_goes_on_from_any_size_to_any),
		cmocka_unit_test(each_changed_byte_begins_a_new_one),
		cmocka_unit_test(each_cut_but_behind_a_head_begins_a_new_one),
		cmocka_unit_test(a_full_disk_loses_the_file_and_no_record),
		cmocka_unit_test(the_file_is_whole_again_when_there_is_room),
		cmocka_unit_test(a_mark_that_was_kept_stays),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
