/* verbs: see verbs.h. */
#include "host/eif/verbs.h"

#include "runtime/eif/size.h"

int usage_fault(struct fault *fault, const char *verb, char **arguments, int index)
{
	return fault_set(fault, "usage", "%s: unknown option, or its value is missing: %s", verb,
		arguments[index]);
}

int verb_size(int count, char **arguments, struct fault *fault)
{
	return size_verb("eif", count, arguments, fault);
}
