/* epoch: see epoch.h. */
#include "runtime/eif/epoch.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define LAST_SECOND 253402300799 /* of the year 9999 */

int epoch_seconds(int64_t *seconds, struct fault *fault)
{
	const char *text = getenv("SOURCE_DATE_EPOCH");

	*seconds = 0;
	if (text == NULL || *text == '\0')
		return 0;
	errno = 0;
	*seconds = strtoll(text, NULL, 10);
	if (text[strspn(text, "0123456789")] != '\0' || errno != 0 || *seconds > LAST_SECOND)
		return fault_set(fault, "usage",
			"SOURCE_DATE_EPOCH is no number of seconds up to the year 9999: %.40s",
			text);
	return 0;
}
