/* entry: see entry.h. */
#include "runtime/channel/entry.h"

enum entry entry_of(const struct entry_facts *facts)
{
	const bool is_accepted = facts->is_read && facts->verdict == VERDICT_ACCEPTED;
	const bool is_tolerated = (facts->verdict == VERDICT_UNSIGNED && facts->accepts_unsigned) ||
				  (facts->verdict == VERDICT_DEBUG && facts->accepts_debug);
	const bool is_allowed = facts->is_read && is_tolerated && !facts->has_policy;

	if (!is_accepted && !is_allowed)
		return ENTRY_DOCUMENT;
	if (!facts->has_nonce)
		return ENTRY_NONCE;
	if (!facts->has_session)
		return ENTRY_SESSION;
	if (!facts->has_key)
		return ENTRY_KEY;
	return is_accepted ? ENTRY_ATTESTED : ENTRY_UNATTESTED;
}
