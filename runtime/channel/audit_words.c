/* audit_words: what decisions about logs are called; see audit.h. */
#include "runtime/channel/audit.h"

static const struct {
	const char *word, *text;
} words[AUDITS] = {
	[AUDIT_INTACT] = {"intact", "the log leads to the head in the enclave's document"},
	[AUDIT_UNATTESTED] = {"unattested",
		"the log holds together, and nobody has vouched for it"},
	[AUDIT_MALFORMED] = {"malformed", "the log can't be read, or a record is out of its place"},
	[AUDIT_HEAD] = {"head", "the log does not lead to the head in the enclave's document: "
				"records were changed or left out"},
	[AUDIT_MARK] = {"mark",
		"register 18 was marked by another log: the service was started again and "
		"could not go on with its log, or this log was changed"},
};

const char *audit_word(enum audit audit)
{
	return audit < AUDITS ? words[audit].word : "unknown";
}

const char *audit_text(enum audit audit)
{
	return audit < AUDITS ? words[audit].text : "unknown";
}
