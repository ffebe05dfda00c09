/* failure: see failure.h. */
#include "runtime/client/failure.h"

#include <stdarg.h>

#include "runtime/channel/reason.h"

int failure_reason(struct failure *failure, uint32_t reason, const char *format, ...)
{
	char text[FAULT_TEXT_MAX];
	va_list arguments;

	va_start(arguments, format);
	(void)vsnprintf(text, sizeof text, format, arguments);
	va_end(arguments);
	failure->exec_code = slc_reason_exec_code(reason);
	failure->other_code = slc_reason_other_code(reason);
	return fault_set(&failure->fault, slc_reason_word(reason), "%s", text);
}
