/* verbs: see verbs.h. */
#include "host/eif/verbs.h"

#include <errno.h>

#include "runtime/eif/size.h"

void emit_measurements(
	struct emit *emit, const struct measurements *measurements, const uint8_t *signer)
{
	static const char *const names[] = {"PCR0", "PCR1", "PCR2"};
	char text[MEASURE_HEX_SIZE];

	emit_begin(emit, "Measurements", '{');
	emit_string(emit, "HashAlgorithm", "Sha384 { ... }");
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		measure_hex(measurements->pcrs[i], text);
		emit_string(emit, names[i], text);
	}
	if (signer != NULL) {
		measure_hex(signer, text);
		emit_string(emit, "PCR8", text);
	}
	emit_end(emit, '}');
}

int finish_output(struct emit *emit, struct fault *fault)
{
	fputc('\n', emit->file);
	errno = 0;
	if (fflush(emit->file) != 0 || ferror(emit->file))
		return fault_io(fault, errno == 0 ? EIO : errno, "writing the output failed");
	return 0;
}

int usage_fault(struct fault *fault, const char *verb, char **arguments, int index)
{
	return fault_set(fault, "usage", "%s: unknown option, or its value is missing: %s", verb,
		arguments[index]);
}

int verb_size(int count, char **arguments, struct fault *fault)
{
	return size_verb("eif", count, arguments, fault);
}
