/* failure: see failure.h. */
#include "host/pipeline/failure.h"

#include <string.h>

#include "runtime/channel/reason.h"

#define EXIT_EXEC 125

/* Words of faults that are no reasons of the protocol. */
static const struct row {
	const char *word;
	int code;
} rows[] = {
	{"usage", 2},
	{"address", 2},
	{"input", 66},
	{"certificate", 66},
	{"key", 65},
	{"provider", 66},
	{"permission", 66},
	{"greeting", 67},
	{"name", 68},
	{"refused", 68},
	{"reset", 68},
	{"tls", 67},
	{"kernel", 70},
	{"crypto", 70},
	{"memory", 71},
	{"output", 73},
	{"exists", 73},
};

/* Faults of the runtime have words of their own, or share those of reasons. */
static int code_of_word(const char *word)
{
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
		if (strcmp(rows[i].word, word) == 0)
			return rows[i].code;
	for (uint32_t reason = SLC_REASON_VERSION; reason <= SLC_REASON_EXPIRED; reason++)
		if (strcmp(slc_reason_word(reason), word) == 0)
			return slc_reason_other_code(reason);
	return slc_reason_other_code(SLC_REASON_INTERNAL);
}

int failure_print(const struct failure *failure, bool is_exec)
{
	int code = code_of_word(failure->fault.word);

	fault_print(stderr, "pipeline", &failure->fault);
	fprintf(stderr, "reason: %s\n", failure->fault.word);
	if (failure->other_code != 0)
		return is_exec ? failure->exec_code : failure->other_code;
	return is_exec && code != 2 ? EXIT_EXEC : code;
}
