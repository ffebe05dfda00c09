/* audit: see audit.h. */
#include "runtime/channel/audit.h"

enum audit audit_of(const struct audit_facts *facts)
{
	if (!facts->is_read)
		return AUDIT_MALFORMED;
	if (!facts->has_head)
		return AUDIT_UNATTESTED;
	if (!facts->is_reached)
		return AUDIT_HEAD;
	/* A mark that is younger than the document is none yet in it. */
	if (facts->is_entered && !(facts->has_mark && facts->is_its_mark))
		return AUDIT_MARK;
	return facts->is_attested ? AUDIT_INTACT : AUDIT_UNATTESTED;
}
