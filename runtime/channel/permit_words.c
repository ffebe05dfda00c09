/* permit_words: what decisions are called; see permit.h. */
#include "runtime/channel/permit.h"

static const struct {
	const char *word, *text;
} words[PERMITS] = {
	[PERMIT_ALLOWED] = {"allowed", "the key may have that"},
	[PERMIT_KEY] = {"key", "the key is not listed in the image"},
	[PERMIT_EXPIRED] = {"expired", "the key's time is over"},
	[PERMIT_VERB] = {"verb", "the key may not do this: it is not in its verbs"},
	[PERMIT_COMMAND] = {"command", "the key may not run this: it is none of its commands"},
	[PERMIT_PATH] = {"path", "the key may not go there: it is not beneath its paths"},
	[PERMIT_USER] = {"user", "the key may not be this user: it is none of its users"},
	[PERMIT_TARGET] = {"target", "the key may not be led there: it is none of its targets"},
};

const char *permit_word(enum permit permit)
{
	return words[permit].word;
}

const char *permit_text(enum permit permit)
{
	return words[permit].text;
}
